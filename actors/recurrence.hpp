#pragma once

#include <cstdint>
#include <optional>

#include "actors/recurrence_plan.hpp"
#include "actors/time_table.hpp"

/// What a schedule does next. Pure: the future that starts the runs asks here, and carries it out.
namespace banyan::detail {

/// How far a schedule has come. Its checkpoint: fields are added with defaults and keep their meaning.
struct recurrence_state {
  millis decided = 0;     ///< the last time about which something was done
  millis last = 0;        ///< the time of the newest run; 0: there is none
  bool starting = false;  ///< whether that run is recorded is not known
  std::uint64_t started = 0;
  std::uint64_t skipped = 0;
  std::uint64_t missed = 0;

  MSGPACK_DEFINE_MAP(decided, last, starting, started, skipped, missed)

  bool operator==(const recurrence_state&) const = default;
};

/// From where an interval is counted, where `every` was called at `created`.
millis origin_of(const recurrence_plan& plan, millis created);
recurrence_state first_state(const recurrence_plan& plan, millis created);

/// The next time; nothing: the schedule has ended.
std::optional<millis> next_time(const recurrence_plan& plan, const time_table& times, const recurrence_state& s);

/// Of the times that are over by `now` it gives up those that are not made up for.
void give_up_missed(const recurrence_plan& plan, const time_table& times, millis now, recurrence_state& s);

/// A run for `t` is about to be started, or is not.
void begin_run(recurrence_state& s, millis t);
void skip_run(recurrence_state& s, millis t);

}  // namespace banyan::detail
