/// Jobs in the language of futures, to be killed at any moment: language_job STORE CASE [SOURCE]. Prints the job's
/// result when it is done.

#include <functional>
#include <iostream>
#include <map>
#include <string>

#include <banyan/banyan.hpp>

#include "tests/kernel/again_jobs.hpp"
#include "tests/kernel/combinator_jobs.hpp"
#include "tests/kernel/flow_jobs.hpp"
#include "tests/kernel/handler_jobs.hpp"
#include "tests/kernel/map_jobs.hpp"
#include "tests/kernel/schedule_job.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

task<int> is_told_from_outside(context&) { co_return pending; }
BANYAN_FUNCTION(is_told_from_outside)

void tells(const future<int>& to, int n) { to.set_value(give(n)); }
BANYAN_FUNCTION(tells)

/// Soon nothing is left of those that nobody holds, also of one that fails.
int told_by_posted(runtime& rt, const std::string& name) {
  const future<int> f = rt.spawn({.id = name}, is_told_from_outside);
  rt.post(tells, f, -1);
  rt.post(tells, f, 9);
  const int n = f.get();
  if (!wait_until([&] { return rt.roots().size() == 1; })) throw permanent_failure("something is left");
  return n;
}

/// Each does its job in a runtime, or goes on with it: the id of its tree is the name.
using job = std::function<int(runtime&, const std::string&)>;

job result_of(const fn<int()>& f) {
  return [f](runtime& rt, const std::string& name) { return rt.spawn({.id = name}, f).get(); };
}

job runs_of_schedule(overlap how) {
  return [how](runtime& rt, const std::string&) { return count_runs(rt, how); };
}

/// `source`: of those that map what is outside.
std::map<std::string, job> jobs(const std::string& source) {
  return {
      {"as_completed", result_of(takes_as_completed)},
      {"batches", result_of(takes_batches)},
      {"wait", result_of(waits_for_some)},
      {"deadline", result_of(waits_for_a_deadline)},
      {"first_success", result_of(takes_the_first_success)},
      {"gather", result_of(gathers_successes)},
      {"timeout", result_of(runs_out_of_time)},
      {"compose", result_of(composes)},
      {"voids", result_of(combines_voids)},
      {"in_place", result_of(calls_in_place)},
      {"handlers", result_of(is_told)},
      {"late_handlers", result_of(is_told_late)},
      {"children_handlers", result_of(sums_children)},
      {"retry", sum_of_retry},
      {"fork", shared_by_forks},
      {"post", told_by_posted},
      {"signals", result_of(sends_signals)},
      {"map", result_of(banyan::bind(maps, false))},
      {"map_count", result_of(banyan::bind(maps, true))},
      {"map_items", result_of(maps_items)},
      {"map_lines", result_of(banyan::bind(maps_lines, source))},
      {"map_entries", result_of(banyan::bind(maps_entries, source))},
      {"map_fields", result_of(banyan::bind(maps_fields, source))},
      {"start_times", result_of(starts_some_later)},
      {"queue", result_of(waits_for_places)},
      {"debounce", result_of(debounces)},
      {"every", runs_of_schedule(overlap::allow)},
      {"every_queued", runs_of_schedule(overlap::queue)},
      {"adopt", adopted_sum},
      {"adopt_retry", sum_of_second_try},
      {"budget", result_of(has_a_budget)},
  };
}

int main_of(int argc, char** argv) {
  const auto all = jobs(argc > 3 ? argv[3] : "");
  if (argc < 3 || !all.contains(argv[2])) return 2;
  runtime rt{{.store = argv[1],
              .threads = 2,
              .queues = {{"narrow", {.concurrency = 2, .key_concurrency = 1}}},
              .log = [](log_level, std::string_view) {}}};
  std::cout << all.at(argv[2])(rt, argv[2]) << std::endl;
  rt.wait_idle();
  return 0;
}

}  // namespace
}  // namespace banyan::test

int main(int argc, char** argv) { return banyan::test::main_of(argc, argv); }
