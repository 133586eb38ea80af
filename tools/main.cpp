#include <csignal>
#include <exception>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <banyan/error.hpp>
#include <banyan/node.hpp>

#include "tools/command_line.hpp"
#include "tools/ending.hpp"

namespace banyan::tools {
namespace {

using command = request::command;

bool only_reads(command what) {
  switch (what) {
    case command::ls:
    case command::show:
    case command::tree:
    case command::watch:
    case command::result:
    case command::nodes: return true;
    default: return false;
  }
}

int run(const request& r, output& out) {
  const detail::open_mode mode = only_reads(r.what) ? detail::open_mode::read : detail::open_mode::outside;
  const std::unique_ptr<detail::store> s = detail::open_store(r.store, mode, "banyan");
  switch (r.what) {
    case command::ls: return list_roots(*s, r, out);
    case command::show: return show_future(*s, r, out);
    case command::tree: return show_tree(*s, r, out);
    case command::watch: return watch_future(*s, r, out);
    case command::result: return print_result(*s, r, out);
    case command::cancel: return cancel_future(*s, r, out);
    case command::set: return set_value(*s, r, out);
    case command::fail: return set_failure(*s, r, out);
    case command::send: return send_signal(*s, r, out);
    case command::gc: return collect_garbage(*s, r, out);
    case command::submit: return submit_call(*s, r, out);
    case command::retry: return retry_root(*s, r, out);
    case command::fork: return fork_root(*s, r, out);
    case command::nodes: return list_cluster(*s, r, out);
    case command::drain: return drain_node(*s, r, out);
  }
  return exit_error;
}

int run_command_line(int argc, const char* const* argv) {
  output out(STDOUT_FILENO);
  const parsed_line line = parse_command_line(argc, argv);
  out.write(line.help);
  const int code = line.todo ? run(*line.todo, out) : exit_success;
  out.flush();
  return code;
}

/// A node's arguments are its own: they come from the table of configuration keys.
int run_node(int argc, const char* const* argv) {
  std::vector<const char*> arguments(argv + 1, argv + argc);
  arguments.front() = "banyan node";
  return node_main(argc - 1, arguments.data());
}

}  // namespace
}  // namespace banyan::tools

int main(int argc, char** argv) {
  // A reader that went away is met where the text is written.
  std::signal(SIGPIPE, SIG_IGN);
  if (argc > 1 && std::string_view(argv[1]) == "node") return banyan::tools::run_node(argc, argv);
  try {
    return banyan::tools::run_command_line(argc, argv);
  } catch (const banyan::tools::output_closed&) {
    return banyan::tools::exit_success;
  } catch (const std::exception& e) {
    banyan::tools::complain(e.what());
    return banyan::tools::exit_error;
  }
}
