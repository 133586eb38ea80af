#include "actors/time_table.hpp"

#include <cctz/time_zone.h>

#include "actors/cron.hpp"

namespace banyan::detail {
namespace {

using second = cctz::time_point<cctz::seconds>;

constexpr std::int64_t floor_of(std::int64_t n, std::int64_t unit) { return n / unit - (n % unit < 0); }

second to_second(std::int64_t s) { return second(cctz::seconds(s)); }
std::int64_t from_second(second s) { return s.time_since_epoch().count(); }

calendar_minute minute_of(const cctz::civil_second& c) { return cctz::civil_minute(c) - cctz::civil_minute(); }
cctz::civil_second civil_of(calendar_minute m) { return cctz::civil_second(cctz::civil_minute() + m); }

}  // namespace

/// Matches an expression of cron in a time zone. Times are seconds.
class time_table::calendar {
 public:
  calendar(std::string_view expression, cctz::time_zone zone) : cron_(expression), zone_(zone) {}

  std::int64_t next_after(std::int64_t t) const { return cron_.any_hour() ? by_passing(t + 1) : by_clock(t); }

 private:
  /// What asks for no hour: all minutes that pass are looked at, those of an hour that comes twice too.
  std::int64_t by_passing(std::int64_t from) const {
    for (;;) {
      const std::int64_t offset = zone_.lookup(to_second(from)).offset;
      const std::int64_t at = 60 * cron_.at_or_after(-floor_of(-(from + offset), 60)) - offset;
      if (zone_.lookup(to_second(at)).offset == offset) return at;
      from = next_change(from);
    }
  }

  /// What asks for hours: each minute of the calendar counts once.
  std::int64_t by_clock(std::int64_t after) const {
    calendar_minute m = minute_of(zone_.lookup(to_second(after)).cs);
    for (;; ++m) {
      m = cron_.at_or_after(m);
      const auto found = zone_.lookup(civil_of(m));
      const std::int64_t at =
          from_second(found.kind == cctz::time_zone::civil_lookup::SKIPPED ? found.trans : found.pre);
      if (at > after) return at;
    }
  }

  /// When the clocks are changed next.
  std::int64_t next_change(std::int64_t from) const {
    cctz::time_zone::civil_transition change;
    // There is one: the offset is another one later.
    zone_.next_transition(to_second(from), &change);
    return from_second(zone_.lookup(change.to).trans);
  }

  const cron_expression cron_;
  const cctz::time_zone zone_;
};

std::optional<time_table> time_table::of(const schedule& s, millis origin) {
  time_table t;
  t.origin_ = origin;
  t.length_ = s.length.count();
  if (t.length_ > 0) return t;
  cctz::time_zone zone;
  if (!cctz::load_time_zone(s.zone, &zone)) return std::nullopt;
  t.calendar_ = std::make_shared<calendar>(s.expression, zone);
  return t;
}

millis time_table::next_after(millis t) const {
  if (length_ > 0) return origin_ + (floor_of(t - origin_, length_) + 1) * length_;
  return 1000 * calendar_->next_after(floor_of(t, 1000));
}

std::uint64_t time_table::count(millis from, millis to) const {
  if (to <= from) return 0;
  if (length_ > 0)
    return static_cast<std::uint64_t>(floor_of(to - origin_, length_) - floor_of(from - origin_, length_));
  std::uint64_t n = 0;
  for (millis t = next_after(from); t <= to; t = next_after(t)) ++n;
  return n;
}

millis time_table::skip(millis from, std::uint64_t n) const {
  if (n == 0) return from;
  if (length_ > 0) return next_after(from) + (static_cast<millis>(n) - 1) * length_;
  for (; n > 0; --n) from = next_after(from);
  return from;
}

}  // namespace banyan::detail
