#include "tools/submit_options.hpp"

#include <CLI/CLI.hpp>

#include <banyan/error.hpp>

#include "messages/names.hpp"
#include "nodes/queue_text.hpp"
#include "tools/format.hpp"
#include "tools/not_empty.hpp"
#include "tools/placement.hpp"

namespace banyan::tools {
namespace {

constexpr char footer[] =
    "What follows FUNCTION are its arguments, each as JSON: banyan submit greet '\"Anna\"'\n"
    "It prints the key of the future; with --wait also its value, on a second line.";

}  // namespace

void submit_options::add_to(CLI::App& submit) {
  parser_ = &submit;
  submit.add_option("FUNCTION", function_, "the function's name")->required()->type_name("");
  submit.add_option("--id", id_, "the same id is the same future")->type_name("ID")->check(not_empty());
  submit.add_option("--name", name_, "a label for people")->type_name("LABEL")->check(not_empty());
  submit.add_option("--placement", placement_, "spread, least_loaded, role:NAME or on:NAME")
      ->type_name("WHERE")
      ->check(not_empty());
  submit.add_option("--queue", queue_, "waits for a place in this queue")->type_name("NAME")->check(not_empty());
  submit.add_option("--queue-key", queue_key_, "what the queue bounds by itself")->type_name("KEY")->check(not_empty());
  submit.add_option("--priority", priority_, "of what waits the highest starts first")->type_name("N");
  submit.add_flag("--wait", wait_, "wait for the result and print it as `result` does");
  submit.footer(footer);
  // The arguments are what the parser leaves over: as an option with several values it would take [1,2] for two. So
  // nothing may fall through to the whole program, not even its --store.
  submit.fallthrough(false)->allow_extras();
  submit.add_option("--store", store_, "as before the command")->type_name("URL");
}

void submit_options::finish(request& r) const {
  r.arguments = parser_->remaining();
  for (const std::string& argument : r.arguments) {
    if (!argument.starts_with("--")) continue;
    throw error(errc::invalid_argument, "there is no option '" + printable(argument) + "'; see banyan submit --help");
  }
  if (!store_.empty()) r.store = store_;
  if (function_.empty()) throw error(errc::invalid_argument, "a function has a name; see banyan submit --help");
  detail::check_name(function_, "FUNCTION");
  detail::check_name(id_, "--id");
  r.function = function_;
  r.options.id = id_;
  r.options.name = name_;
  if (!placement_.empty()) r.options.placement = parse_placement(placement_);
  if (queue_.empty() && !queue_key_.empty())
    throw error(errc::invalid_argument, "options: queue_key goes with a queue");
  if (!queue_.empty()) {
    // That of a critical section is no queue's name.
    if (const std::string problem = detail::problem_of(queue_, {}); !problem.empty())
      throw error(errc::invalid_argument, problem);
  }
  r.options.queue = queue_;
  r.options.queue_key = queue_key_;
  r.options.priority = priority_;
  detail::check_names(r.options);
  r.wait = wait_;
}

}  // namespace banyan::tools
