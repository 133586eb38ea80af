#include "actors/recurrence.hpp"

#include <algorithm>

#include "messages/clock.hpp"

namespace banyan::detail {

millis origin_of(const recurrence_plan& plan, millis created) { return plan.start_at.value_or(created); }

recurrence_state first_state(const recurrence_plan& plan, millis created) {
  recurrence_state s;
  // The time to begin is the first one of an interval.
  s.decided = plan.start_at ? *plan.start_at - 1 : created;
  return s;
}

std::optional<millis> next_time(const recurrence_plan& plan, const time_table& times, const recurrence_state& s) {
  if (plan.times && s.started >= *plan.times) return std::nullopt;
  const millis next = times.next_after(s.decided);
  if (plan.until && next > *plan.until) return std::nullopt;
  return next;
}

void give_up_missed(const recurrence_plan& plan, const time_table& times, millis now, recurrence_state& s) {
  const millis end = plan.until ? std::min(now, *plan.until) : now;
  const std::uint64_t over = times.count(s.decided, end);
  std::uint64_t made_up = over;
  if (plan.max_late)
    made_up -= times.count(s.decided, std::min(end, later(now, -std::chrono::milliseconds(*plan.max_late)) - 1));
  made_up = std::min(made_up, plan.most_made_up());
  const std::uint64_t given_up = over - made_up;
  s.decided = times.skip(s.decided, given_up);
  s.missed += given_up;
}

void begin_run(recurrence_state& s, millis t) {
  s.decided = t;
  s.last = t;
  s.starting = true;
  ++s.started;
}

void skip_run(recurrence_state& s, millis t) {
  s.decided = t;
  ++s.skipped;
}

}  // namespace banyan::detail
