#pragma once

#include <algorithm>
#include <atomic>
#include <set>
#include <vector>

#include "messages/clock.hpp"
#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {

using detail::millis;
using detail::to_millis;

/// How many runs are open at a time, at most.
inline std::atomic<int> open_runs{0};
inline std::atomic<int> most_open_runs{0};

struct open_run {
  open_run() {
    const int now = ++open_runs;
    int most = most_open_runs;
    while (now > most && !most_open_runs.compare_exchange_weak(most, now)) {
    }
  }
  ~open_run() { --open_runs; }
};

/// Gives the time for which it runs.
inline millis tells_its_time(context& ctx, int) { return to_millis(ctx.scheduled_at()); }
BANYAN_FUNCTION(tells_its_time)

inline task<millis> waits_for_go(context& ctx) {
  const open_run here;
  co_await ctx.receive<int>("go");
  co_return to_millis(ctx.scheduled_at());
}
BANYAN_FUNCTION(waits_for_go)

inline task<millis> takes_some_time(context& ctx) {
  const open_run here;
  co_await ctx.sleep(3ms);
  co_return to_millis(ctx.scheduled_at());
}
BANYAN_FUNCTION(takes_some_time)

class Every : public Kernel {
 protected:
  void SetUp() override {
    Kernel::SetUp();
    most_open_runs = 0;
  }

  std::vector<root_info> runs_of(const std::string& function) { return rt().roots({.function = function}); }

  /// The times of the runs, once they have results.
  std::vector<millis> times_of(const std::string& function) {
    std::vector<millis> times;
    for (const root_info& r : runs_of(function)) times.push_back(rt().find<millis>(r.key).get_for(20s));
    std::ranges::sort(times);
    return times;
  }

  static std::vector<millis> steps_between(const std::vector<millis>& times) {
    std::vector<millis> steps;
    for (std::size_t i = 1; i < times.size(); ++i) steps.push_back(times[i] - times[i - 1]);
    return steps;
  }

  static recurrence seen(const future<recurrence>& f) { return f.published<recurrence>().value_or(recurrence{}); }

  /// The runs that wait to go.
  std::vector<key> waiting() {
    std::vector<key> found;
    for (const root_info& r : runs_of("waits_for_go")) {
      if (r.status == status::waiting) found.push_back(r.key);
    }
    return found;
  }
  bool await_waiting(std::size_t n) {
    return wait_until([&] { return waiting().size() == n; });
  }
};

}  // namespace banyan::test
