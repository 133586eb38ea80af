#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <banyan/schedule.hpp>

#include "messages/record.hpp"

namespace banyan::detail {

/// The times of a schedule. Pure but for the data of time zones, which is read once for each. Immutable.
class time_table {
 public:
  /// `origin`: an interval is counted from there. Nothing: this machine does not know the time zone.
  static std::optional<time_table> of(const schedule& s, millis origin);

  /// The first time that is later than `t`.
  millis next_after(millis t) const;
  /// How many times are later than `from`, and not later than `to`.
  std::uint64_t count(millis from, millis to) const;
  /// The `n`-th time after `from`; `from` itself for 0.
  millis skip(millis from, std::uint64_t n) const;

 private:
  class calendar;

  millis origin_ = 0;
  millis length_ = 0;  ///< 0: by the calendar
  std::shared_ptr<const calendar> calendar_;
};

}  // namespace banyan::detail
