#include "actors/cron.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

using std::string_view;

constexpr int minutes_a_day = 24 * 60;

constexpr std::array<string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct field {
  string_view what;
  int lowest;
  int highest;
  std::span<const string_view> names;  ///< from `lowest` on
};

constexpr field minute{"minute", 0, 59, {}};
constexpr field hour{"hour", 0, 23, {}};
constexpr field day{"day of the month", 1, 31, {}};
constexpr field month{"month", 1, 12, month_names};
constexpr field weekday{"day of the week", 0, 7, weekday_names};

constexpr std::array<std::pair<string_view, string_view>, 7> nicknames{{{"@yearly", "0 0 1 1 *"},
                                                                        {"@annually", "0 0 1 1 *"},
                                                                        {"@monthly", "0 0 1 * *"},
                                                                        {"@weekly", "0 0 * * 0"},
                                                                        {"@daily", "0 0 * * *"},
                                                                        {"@midnight", "0 0 * * *"},
                                                                        {"@hourly", "0 * * * *"}}};

std::string lower(string_view text) {
  std::string small(text);
  std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return small;
}

[[noreturn]] void refuse(const field& f, string_view part, const std::string& why) {
  throw error(errc::invalid_argument, "the " + std::string(f.what) + " \"" + std::string(part) + "\" " + why);
}

std::optional<int> number_in(string_view text) {
  int n = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || fault != std::errc() || end != text.data() + text.size() || text[0] == '-') return std::nullopt;
  return n;
}

int value_in(const field& f, string_view part, string_view text) {
  const auto name = std::ranges::find(f.names, string_view(lower(text)));
  if (name != f.names.end()) return f.lowest + static_cast<int>(name - f.names.begin());
  const auto n = number_in(text);
  if (!n || *n < f.lowest || *n > f.highest) {
    refuse(f, part,
           "is not from " + std::to_string(f.lowest) + " to " + std::to_string(f.highest) +
               (f.names.empty() ? "" : ", nor a name of three letters"));
  }
  return *n;
}

/// One element of a list: `*`, `3`, `1-5`, `*/2` or `1-5/2`.
std::uint64_t bits_of(const field& f, string_view part) {
  const std::size_t slash = part.find('/');
  const string_view range = part.substr(0, slash);
  const std::size_t dash = range.find('-');
  int first = f.lowest;
  int last = f.highest;
  if (range != "*") {
    first = value_in(f, part, range.substr(0, dash));
    last = dash == string_view::npos ? first : value_in(f, part, range.substr(dash + 1));
    // Sunday ends a week, too.
    if (&f == &weekday && last == 0 && first > 0) last = 7;
    if (last < first) refuse(f, part, "goes backwards");
  }
  int step = 1;
  if (slash != string_view::npos) {
    if (range != "*" && dash == string_view::npos) {
      refuse(f, part,
             "has a step without a range: write " + std::string(range) + "-" + std::to_string(f.highest) +
                 std::string(part.substr(slash)));
    }
    const auto n = number_in(part.substr(slash + 1));
    if (!n || *n == 0) refuse(f, part, "has a step that is no number above 0");
    step = *n;
  }
  std::uint64_t bits = 0;
  for (int i = first; i <= last && i >= first; i += std::min(step, 64)) bits |= std::uint64_t{1} << i;
  return bits;
}

std::uint64_t bits_in(const field& f, string_view text) {
  std::uint64_t bits = 0;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    bits |= bits_of(f, text.substr(from, comma - from));
    from = comma + 1;
  }
  return bits;
}

std::vector<string_view> words_of(string_view text) {
  constexpr string_view blanks = " \t";
  std::vector<string_view> words;
  for (std::size_t at = text.find_first_not_of(blanks); at != string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(blanks, end);
  }
  return words;
}

std::vector<string_view> fields_of(string_view text) {
  std::vector<string_view> words = words_of(text);
  if (words.size() == 1 && words[0][0] == '@') {
    const auto known = std::ranges::find(nicknames, lower(words[0]), &std::pair<string_view, string_view>::first);
    if (known == nicknames.end()) {
      throw error(errc::invalid_argument, std::string(words[0]) +
                                              " is none of @yearly, @annually, @monthly, @weekly, @daily, @midnight "
                                              "and @hourly");
    }
    words = words_of(known->second);
  }
  if (words.size() != 5) {
    throw error(errc::invalid_argument, "there are " + std::to_string(words.size()) +
                                            " fields; it takes five: minute, hour, day of the month, month, day of "
                                            "the week");
  }
  return words;
}

bool has(std::uint64_t bits, unsigned n) { return (bits >> n & 1) != 0; }

/// The lowest bit at `from` or above.
std::optional<int> bit_from(std::uint64_t bits, int from) {
  const std::uint64_t left = from < 64 ? bits >> from << from : 0;
  if (left == 0) return std::nullopt;
  return std::countr_zero(left);
}

std::uint64_t count_of(std::uint64_t bits) { return static_cast<std::uint64_t>(std::popcount(bits)); }
std::uint64_t below(std::uint64_t bits, int n) { return bits & ((std::uint64_t{1} << n) - 1); }

std::int64_t day_of(calendar_minute m) { return m / minutes_a_day - (m % minutes_a_day < 0); }

std::chrono::year_month_day date_of(std::int64_t day_number) {
  return std::chrono::sys_days(std::chrono::days(day_number));
}

}  // namespace

cron_expression::cron_expression(string_view text) try {
  const std::vector<string_view> fields = fields_of(text);
  minutes_ = bits_in(minute, fields[0]);
  hours_ = bits_in(hour, fields[1]);
  days_ = bits_in(day, fields[2]);
  months_ = bits_in(month, fields[3]);
  weekdays_ = bits_in(weekday, fields[4]);
  if (has(weekdays_, 7)) weekdays_ |= 1;
  either_day_ = fields[2][0] != '*' && fields[4][0] != '*';
  if (!next_day(0)) throw error(errc::invalid_argument, "there is no such day in any year");
} catch (const error& e) {
  throw error(e.code(), "cron \"" + std::string(text) + "\": " + std::string(e.message()));
}

bool cron_expression::any_hour() const { return std::popcount(hours_) == 24; }

bool cron_expression::matches_day(std::int64_t day_number) const {
  const auto date = date_of(day_number);
  const bool by_day = has(days_, static_cast<unsigned>(date.day()));
  const std::chrono::weekday of_week{std::chrono::sys_days(std::chrono::days(day_number))};
  const bool by_weekday = has(weekdays_, of_week.c_encoding());
  return either_day_ ? by_day || by_weekday : by_day && by_weekday;
}

std::optional<std::int64_t> cron_expression::next_day(std::int64_t from) const {
  // After so many the calendar begins anew, weekdays too.
  constexpr std::int64_t all_days = 146'097;
  for (std::int64_t d = from; d < from + all_days;) {
    const auto date = date_of(d);
    if (has(months_, static_cast<unsigned>(date.month()))) {
      if (matches_day(d)) return d;
      ++d;
    } else {
      const auto next_month = std::chrono::year_month(date.year(), date.month()) + std::chrono::months(1);
      d = std::chrono::sys_days(next_month / 1).time_since_epoch().count();
    }
  }
  return std::nullopt;
}

std::optional<int> cron_expression::in_day(int from) const {
  const int from_hour = from / 60;
  if (has(hours_, static_cast<unsigned>(from_hour))) {
    if (const auto m = bit_from(minutes_, from % 60)) return from_hour * 60 + *m;
  }
  const auto h = bit_from(hours_, from_hour + 1);
  if (!h) return std::nullopt;
  return *h * 60 + *bit_from(minutes_, 0);
}

std::uint64_t cron_expression::count_in_day() const { return count_of(hours_) * count_of(minutes_); }

std::uint64_t cron_expression::count_in_day(int before) const {
  const int h = before / 60;
  const std::uint64_t in_hour = has(hours_, static_cast<unsigned>(h)) ? count_of(below(minutes_, before % 60)) : 0;
  return count_of(below(hours_, h)) * count_of(minutes_) + in_hour;
}

int cron_expression::nth_in_day(std::uint64_t n) const {
  const std::uint64_t an_hour = count_of(minutes_);
  int h = *bit_from(hours_, 0);
  for (; n > an_hour; n -= an_hour) h = *bit_from(hours_, h + 1);
  int m = *bit_from(minutes_, 0);
  for (; n > 1; --n) m = *bit_from(minutes_, m + 1);
  return h * 60 + m;
}

std::uint64_t cron_expression::count(calendar_minute from, calendar_minute to) const {
  if (to <= from) return 0;
  const std::int64_t first = day_of(from);
  const std::int64_t last = day_of(to);
  std::uint64_t n = 0;
  for (std::int64_t d = *next_day(first); d < last; d = *next_day(d + 1)) n += count_in_day();
  if (*next_day(last) == last) n += count_in_day(static_cast<int>(to - last * minutes_a_day));
  if (*next_day(first) == first) n -= count_in_day(static_cast<int>(from - first * minutes_a_day));
  return n;
}

calendar_minute cron_expression::nth(calendar_minute from, std::uint64_t n) const {
  std::int64_t d = day_of(from);
  // Counted from the beginning of the day.
  if (*next_day(d) == d) n += count_in_day(static_cast<int>(from - d * minutes_a_day));
  d = *next_day(d);
  for (; n > count_in_day(); n -= count_in_day()) d = *next_day(d + 1);
  return d * minutes_a_day + nth_in_day(n);
}

calendar_minute cron_expression::at_or_after(calendar_minute from) const {
  std::int64_t at = day_of(from);
  auto in = static_cast<int>(from - at * minutes_a_day);
  for (;; ++at, in = 0) {
    // The constructor has seen that there always is one.
    const std::int64_t next = *next_day(at);
    if (next != at) in = 0;
    at = next;
    if (const auto found = in_day(in)) return at * minutes_a_day + *found;
  }
}

}  // namespace banyan::detail
