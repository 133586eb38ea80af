#include "tools/command_line.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>

#include <banyan/error.hpp>

#include "tools/format.hpp"
#include "tools/not_empty.hpp"
#include "tools/submit_options.hpp"

namespace banyan::tools {
namespace {

constexpr std::array all_statuses{status::pending, status::running, status::waiting,
                                  status::success, status::failure, status::cancelled};

constexpr char footer[] =
    "A KEY is a future's key; of a root's key the first 6 or more characters are enough.\n"
    "Exit codes: 0 done; watch, result and submit --wait: 1 failure, 2 cancelled; 3 error.";

std::optional<status> status_named(const std::string& name) {
  for (const status s : all_statuses) {
    if (to_string(s) == name) return s;
  }
  return std::nullopt;
}

/// The commands and their options; what is parsed goes into `request_`.
class command_line {
 public:
  command_line() {
    app_.option_defaults()->always_capture_default(false);
    app_.add_option("--store", request_.store, "sqlite:PATH or redis://HOST:PORT")
        ->envname("BANYAN_STORE")
        ->type_name("URL");
    app_.set_version_flag("--version", "banyan " BANYAN_VERSION);
    app_.require_subcommand(0, 1);
    app_.footer(footer);
    app_.fallthrough();
    add_readers();
    add_writers();
    submit_.add_to(add(command::submit, "submit", "Start a function as a root, for a program that drives the store"));
    add_nodes();
    // For the list of commands: what it takes is not read here.
    app_.add_subcommand("node", "Run a node, which has options of its own: see banyan node --help")->callback([] {
      throw error(errc::invalid_argument,
                  "node comes first, as in banyan node --config node.conf; see banyan node --help");
    });
  }

  parsed_line parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return {std::nullopt, app_.help()};
    } catch (const CLI::CallForVersion& version) {
      return {std::nullopt, std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& e) {
      refuse(e.what());
    }
    return {finished(), {}};
  }

 private:
  using command = request::command;

  CLI::App& add(command what, const std::string& name, const std::string& help) {
    CLI::App& sub = *app_.add_subcommand(name, help);
    sub.callback([this, what] { request_.what = what; });
    return sub;
  }

  CLI::App& add_for_key(command what, const std::string& name, const std::string& help) {
    CLI::App& sub = add(what, name, help);
    sub.add_option("KEY", request_.key, "the future's key")->required()->type_name("");
    return sub;
  }

  void add_readers() {
    CLI::App& ls = add(command::ls, "ls", "List the roots, oldest first");
    ls.add_option("--status", status_, "only these: pending, running, waiting, success, failure or cancelled")
        ->type_name("STATUS")
        ->check(not_empty());
    ls.add_flag("--json", request_.json, "as a JSON array");
    add_for_key(command::show, "show", "Show all that is known of a future");
    CLI::App& tree = add_for_key(command::tree, "tree", "Show a future and what is below it");
    tree.add_option("--depth", depth_, "levels below it (all)")->type_name("N");
    tree.add_flag("--json", request_.json, "as a JSON object");
    add_for_key(command::watch, "watch", "Show a future live until it ends");
    add_for_key(command::result, "result", "Print a future's value as JSON");
  }

  void add_writers() {
    add_for_key(command::cancel, "cancel", "Cancel a future and all below it");
    CLI::App& set = add_for_key(command::set, "set", "Give a future its value");
    set.add_option("JSON", request_.value, "the value")->required()->type_name("");
    CLI::App& fail = add_for_key(command::fail, "fail", "Give a future a failure");
    fail.add_option("TEXT", request_.value, "what went wrong")->required()->type_name("");
    CLI::App& send = add_for_key(command::send, "send", "Send a signal to a future's function");
    send.add_option("NAME", request_.signal, "the signal's name")->required()->type_name("");
    send.add_option("JSON", request_.value, "the value")->required()->type_name("");
    add_for_key(command::retry, "retry",
                "Run a failed or cancelled tree again, as a new root that keeps what succeeded");
    CLI::App& fork = add_for_key(command::fork, "fork", "Run a tree again from one of its futures on, as a new root");
    fork.add_option("--from", request_.from, "the future that is the first to run anew")
        ->required()
        ->type_name("CHILD");
    CLI::App& gc = add(command::gc, "gc", "Forget trees in which nothing is left to do");
    gc.add_option("--older-than", older_than_,
                  "only if they settled so long ago: 30m, 12h, 7d (7d, or as their roots say)")
        ->type_name("DURATION")
        ->check(not_empty());
  }

  void add_nodes() {
    CLI::App& nodes = add(command::nodes, "nodes", "List the nodes that share the store");
    nodes.add_flag("--json", request_.json, "as a JSON array");
    CLI::App& drain = add(command::drain, "drain", "Ask a node to leave: it takes no new work");
    drain.add_option("NODE", request_.node, "the node's name")->required()->type_name("");
    drain.add_flag("--undo", request_.undo, "let it stay");
  }

  /// What the parser leaves to us.
  request finished() {
    if (app_.get_subcommands().empty()) refuse("no command was given");
    if (request_.what == command::submit) submit_.finish(request_);
    if (request_.store.empty()) {
      throw error(errc::invalid_argument,
                  "which store? write --store URL, as in --store sqlite:jobs.db, or set BANYAN_STORE");
    }
    if (!status_.empty() && !(request_.status = status_named(status_))) refuse("there is no status '" + status_ + "'");
    if (depth_) request_.depth = checked_depth(*depth_);
    if (!older_than_.empty()) request_.older_than = parse_span(older_than_);
    return std::move(request_);
  }

  std::size_t checked_depth(const std::string& text) {
    std::size_t n = 0;
    const char* const end = text.data() + text.size();
    const auto [after, status] = std::from_chars(text.data(), end, n);
    if (text.empty() || after != end || status != std::errc{}) {
      refuse("--depth takes a whole number that is not negative, not '" + printable(text) + "'");
    }
    return n;
  }

  [[noreturn]] void refuse(const std::string& why) {
    const auto chosen = app_.get_subcommands();
    const auto rest = app_.remaining();
    if (chosen.empty() && !rest.empty()) {
      throw error(errc::invalid_argument, "unknown command or option '" + rest.front() + "'; see banyan --help");
    }
    const std::string name = chosen.empty() ? "" : " " + chosen.front()->get_name();
    throw error(errc::invalid_argument, why + "; see banyan" + name + " --help");
  }

  request request_;
  std::string status_;
  std::string older_than_;
  std::optional<std::string> depth_;
  submit_options submit_;
  CLI::App app_{"Looks at the durable futures in a store, and acts on them from outside.", "banyan"};
};

}  // namespace

parsed_line parse_command_line(int argc, const char* const* argv) { return command_line().parse(argc, argv); }

}  // namespace banyan::tools
