#pragma once

#include <algorithm>
#include <vector>

#include <banyan/banyan.hpp>

namespace banyan::test {

/// A run of a schedule.
inline task<std::int64_t> tells_when(context& ctx) {
  co_await ctx.sleep(std::chrono::milliseconds(1));
  const auto since = ctx.scheduled_at().time_since_epoch();
  co_return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}
BANYAN_FUNCTION(tells_when)

/// How many runs there were, at times as far from each other as they are to be; 0: there was a wrong one.
inline int count_runs(runtime& rt, overlap how) {
  constexpr int length = 3;
  const every_options opts{.id = "every", .overlap = how, .catch_up = catch_up::all, .times = 3};
  const auto every = rt.every(opts, interval(std::chrono::milliseconds(length)), tells_when);
  const recurrence r = every.get();
  std::vector<std::int64_t> times;
  for (const auto& run : rt.roots({.function = "tells_when"})) times.push_back(rt.find<std::int64_t>(run.key).get());
  std::ranges::sort(times);
  const bool in_step =
      std::ranges::adjacent_find(times, [](std::int64_t a, std::int64_t b) { return b - a != length; }) == times.end();
  if (r.missed != 0 || r.skipped != 0 || r.started != times.size() || !in_step) return 0;
  return static_cast<int>(times.size());
}

}  // namespace banyan::test
