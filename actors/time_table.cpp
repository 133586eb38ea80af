#include "actors/time_table.hpp"

#include <cctz/time_zone.h>

#include <algorithm>
#include <limits>

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

  struct passed {
    std::uint64_t count = 0;
    std::int64_t at = 0;  ///< the last of them; without any, where it began
  };

  /// The times later than `from` and not later than `to`, `most` of them.
  passed pass(std::int64_t from, std::int64_t to, std::uint64_t most) const {
    passed p{0, from};
    for (std::int64_t t = from; t < to && p.count < most;) {
      const stretch s = stretch_of(t + 1);
      const std::int64_t end = std::min({to, s.end - 1, t + longest_stretch});
      if (t + 1 < s.even) {
        t = pass_each(t, std::min(end, s.even - 1), most, p);
      } else {
        pass_even(t, end, s.offset, most, p);
        t = end;
      }
    }
    return p;
  }

 private:
  static constexpr std::int64_t longest_stretch = 366 * 86'400;

  /// Between two changes of the clocks. From `even` on there is a time for each minute of the calendar that matches.
  struct stretch {
    std::int64_t offset;
    std::int64_t even;
    std::int64_t end;
  };

  static calendar_minute minute_from(std::int64_t local) { return -floor_of(-local, 60); }

  stretch stretch_of(std::int64_t t) const {
    stretch s{zone_.lookup(to_second(t)).offset, t, next_change(t).value_or(std::numeric_limits<std::int64_t>::max())};
    cctz::time_zone::civil_transition change;
    if (zone_.prev_transition(to_second(t + 1), &change)) {
      // What was left out runs at the change; what comes twice has run before it.
      const std::int64_t twice = std::max<std::int64_t>(change.from - change.to, 0);
      s.even = std::max(t, time_of(change) + twice + 60);
    }
    return s;
  }

  /// Looks at each time. Returns where it stopped.
  std::int64_t pass_each(std::int64_t t, std::int64_t end, std::uint64_t most, passed& p) const {
    while (p.count < most) {
      const std::int64_t next = next_after(t);
      if (next > end) return end;
      p = {p.count + 1, next};
      t = next;
    }
    return t;
  }

  void pass_even(std::int64_t t, std::int64_t end, std::int64_t offset, std::uint64_t most, passed& p) const {
    const calendar_minute first = minute_from(t + 1 + offset);
    const std::uint64_t n = std::min(cron_.count(first, minute_from(end + 1 + offset)), most - p.count);
    if (n > 0) p = {p.count + n, 60 * cron_.nth(first, n) - offset};
  }

  /// What asks for no hour: all minutes that pass are looked at, those of an hour that comes twice too.
  std::int64_t by_passing(std::int64_t from) const {
    for (;;) {
      const std::int64_t offset = zone_.lookup(to_second(from)).offset;
      const std::int64_t at = 60 * cron_.at_or_after(minute_from(from + offset)) - offset;
      const std::optional<std::int64_t> change = next_change(from);
      if (!change || at < *change) return at;
      from = *change;
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

  std::int64_t time_of(const cctz::time_zone::civil_transition& change) const {
    return from_second(zone_.lookup(change.to).trans);
  }

  /// When the clocks are changed next; nothing: never again.
  std::optional<std::int64_t> next_change(std::int64_t from) const {
    cctz::time_zone::civil_transition change;
    if (!zone_.next_transition(to_second(from), &change)) return std::nullopt;
    return time_of(change);
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
  return calendar_->pass(floor_of(from, 1000), floor_of(to, 1000), std::numeric_limits<std::uint64_t>::max()).count;
}

millis time_table::skip(millis from, std::uint64_t n) const {
  if (n == 0) return from;
  if (length_ > 0) return next_after(from) + (static_cast<millis>(n) - 1) * length_;
  return 1000 * calendar_->pass(floor_of(from, 1000), std::numeric_limits<std::int64_t>::max() / 1000, n).at;
}

}  // namespace banyan::detail
