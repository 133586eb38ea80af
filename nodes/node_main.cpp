#include <banyan/node.hpp>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>

#include <banyan/runtime.hpp>

#include "actors/function_registry.hpp"
#include "nodes/config_file.hpp"
#include "nodes/environment.hpp"
#include "nodes/job_library.hpp"
#include "nodes/node_arguments.hpp"
#include "nodes/node_check.hpp"
#include "nodes/node_report.hpp"
#include "nodes/process_name.hpp"
#include "nodes/stop_signals.hpp"
#include "persistence/store.hpp"

namespace banyan {
namespace {

constexpr int exit_done = 0;
constexpr int exit_error = 3;

void complain(const std::string& what) { std::cerr << detail::process_name() << ": " << what << std::endl; }

detail::given_settings gather(const detail::node_arguments& arguments) {
  for (const std::string& slip : detail::find_mistyped(environ)) complain(slip);
  detail::given_settings given = overlaid(arguments.settings, detail::read_environment(environ));
  if (arguments.config_file.empty()) return given;
  return overlaid(std::move(given), detail::read_config_file(arguments.config_file));
}

/// The options of the node. Says all that is wrong with them, and throws where there is something.
runtime_options options_from(const detail::given_settings& given) {
  runtime_options opts;
  give_settings(given, opts);
  if (opts.name.empty() && opts.node.listen.empty()) opts.name = detail::process_name();
  const auto problems = detail::find_problems(opts);
  for (std::size_t i = 1; i < problems.size(); ++i) complain(problem_text(problems[i], given));
  if (!problems.empty()) throw error(errc::invalid_argument, problem_text(problems.front(), given));
  detail::summarize_store(opts.store);
  return opts;
}

void load_functions(const detail::node_arguments& arguments) {
  for (const std::string& library : arguments.libraries) detail::load_job_library(library);
  const auto errors = detail::registration_errors();
  if (!errors.empty()) throw error(errc::invalid_argument, errors.front());
}

/// Where it listens: with the port that was found.
std::string address_of(runtime& rt, const runtime_options& opts) {
  if (opts.node.listen.empty()) return {};
  for (const node_info& n : rt.nodes()) {
    if (n.name == opts.name) return n.address;
  }
  return opts.node.listen;
}

/// A function that goes on after its time of grace, and then does not heed that it is cancelled either, is left behind.
void leave(runtime& rt, std::chrono::milliseconds grace) {
  constexpr std::chrono::seconds for_the_rest{15};
  const auto left = std::async(std::launch::async, [&rt] { rt.shutdown(); });
  if (left.wait_for(grace + for_the_rest) == std::future_status::ready) return;
  complain("functions still run after the time of grace; they will be run again elsewhere");
  std::_Exit(exit_done);
}

void run(const runtime_options& opts) {
  // Before the runtime, so that a signal during a start that takes its time is not lost.
  detail::stop_signals signals;
  runtime rt(opts);
  std::cout << detail::ready_line(opts, address_of(rt, opts)) << std::endl;
  signals.wait();
  leave(rt, opts.node.grace);
}

int run_command_line(int argc, const char* const* argv) {
  const auto arguments = detail::read_node_arguments(argc, argv);
  if (arguments.wants_help) {
    std::cout << detail::node_help(argc > 0 ? argv[0] : detail::process_name()) << std::flush;
    return exit_done;
  }
  const auto given = gather(arguments);
  const runtime_options opts = options_from(given);
  load_functions(arguments);
  if (arguments.check_only) {
    std::cout << describe_configuration(opts, given) << std::flush;
  } else {
    run(opts);
  }
  return exit_done;
}

}  // namespace

int node_main(int argc, const char* const* argv) {
  // A reader of our output that went away, or a peer, is met where the text is written.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run_command_line(argc, argv);
  } catch (const std::exception& e) {
    complain(e.what());
    return exit_error;
  }
}

}  // namespace banyan
