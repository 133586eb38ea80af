#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <banyan/detail/bound_call.hpp>
#include <banyan/schedule.hpp>

#include "actors/option_value.hpp"
#include "messages/record.hpp"

namespace banyan::detail {

/// A call of which all arguments are held, as a value that travels, also where nobody knows the function.
struct whole_call {
  bound_call value;

  void msgpack_pack(msgpack::packer<bytes_sink>& p) const;
  void msgpack_unpack(const msgpack::object& o);
};

/// What recurs, and when: the argument of the future that starts the runs. Recorded: fields are added with defaults
/// and keep their meaning.
struct recurrence_plan {
  millis interval = 0;
  std::string cron;
  std::string zone;
  whole_call call;
  option_value run;
  unsigned overlap = 0;
  unsigned catch_up = 0;
  std::optional<millis> max_late;
  std::optional<millis> start_at;
  std::optional<millis> until;
  std::optional<std::uint64_t> times;

  MSGPACK_DEFINE_MAP(interval, cron, zone, call, run, overlap, catch_up, max_late, start_at, until, times)

  schedule times_of() const;
  banyan::overlap when_open() const { return static_cast<banyan::overlap>(overlap); }
  /// How many of the times that were missed are made up for.
  std::uint64_t most_made_up() const;
};

/// Throws `error` (`invalid_argument`) for what makes no sense.
recurrence_plan plan_of(const every_options& opts, const schedule& when, const bound_call& call);

/// In what `given` is another than `there`, for people; empty: in nothing.
std::string differences(const recurrence_plan& there, const recurrence_plan& given);

}  // namespace banyan::detail
