#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace banyan::detail {

/// A minute of a calendar without a time zone: minutes since 1970-01-01 00:00.
using calendar_minute = std::int64_t;

/// The five fields of a line of cron: minute, hour, day of the month, month, day of the week. A value.
class cron_expression {
 public:
  /// Fields are `*`, numbers, names of months and weekdays, ranges, lists and steps; Sunday is 0 and 7. `@daily` and
  /// its like stand for five fields. Where both days are restricted (they do not begin with `*`), one of them is
  /// enough. Throws `error` (`invalid_argument`) that names the field, also where no day of any year matches.
  explicit cron_expression(std::string_view text);

  /// The first minute that matches, at `from` or later.
  calendar_minute at_or_after(calendar_minute from) const;

  /// How many minutes match, at `from` or later and before `to`. Takes days, not minutes.
  std::uint64_t count(calendar_minute from, calendar_minute to) const;
  /// The `n`-th of those that match at `from` or later. Precondition: n is at least 1.
  calendar_minute nth(calendar_minute from, std::uint64_t n) const;

  /// It asks for no hour.
  bool any_hour() const;

 private:
  bool matches_day(std::int64_t day) const;
  /// The first minute of a day at `from` or later; both count from midnight.
  std::optional<int> in_day(int from) const;
  /// How many minutes of a day that matches do, and how many before this one.
  std::uint64_t count_in_day() const;
  std::uint64_t count_in_day(int before) const;
  /// The `n`-th of them, from 1 on.
  int nth_in_day(std::uint64_t n) const;
  std::optional<std::int64_t> next_day(std::int64_t from) const;

  std::uint64_t minutes_ = 0;  ///< a bit for each
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  bool either_day_ = false;
};

}  // namespace banyan::detail
