#include "actors/time_table.hpp"

#include <gmock/gmock.h>

#include <ctime>

#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using detail::millis;
using detail::time_table;
using testing::ElementsAre;
using testing::HasSubstr;

millis utc(const std::string& text) {
  std::tm t{};
  EXPECT_NE(strptime(text.c_str(), "%Y-%m-%d %H:%M", &t), nullptr) << text;
  return timegm(&t) * 1000;
}

/// The next times, as UTC without the year.
std::vector<std::string> times_after(const schedule& s, const std::string& from, int n) {
  const auto table = time_table::of(s, 0);
  std::vector<std::string> texts;
  millis t = utc(from);
  for (int i = 0; i < n; ++i) {
    t = table->next_after(t);
    const std::time_t seconds = t / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%m-%d %H:%M", &parts);
    texts.emplace_back(text);
  }
  return texts;
}

TEST(TimesOfAnInterval, are_counted_from_its_origin) {
  const auto t = *time_table::of(interval(10ms), 1003);
  EXPECT_EQ(t.next_after(1003), 1013);
  EXPECT_EQ(t.next_after(1012), 1013);
  EXPECT_EQ(t.next_after(1013), 1023);
  EXPECT_EQ(t.next_after(1002), 1003) << "as where it begins at a given time";
  EXPECT_EQ(t.next_after(980), 983);
  EXPECT_EQ(t.next_after(-20), -17);
}

TEST(TimesOfAnInterval, are_counted_without_a_look_at_each) {
  const auto t = *time_table::of(interval(1ms), 0);
  const millis years = 10'000'000'000'000;
  EXPECT_EQ(t.count(5, 5 + years), static_cast<std::uint64_t>(years));
  EXPECT_EQ(t.skip(5, static_cast<std::uint64_t>(years)), 5 + years);
}

TEST(TimesOfAnInterval, are_counted_between_two_times) {
  const auto t = *time_table::of(interval(10ms), 3);
  EXPECT_EQ(t.count(13, 13), 0u);
  EXPECT_EQ(t.count(13, 22), 0u);
  EXPECT_EQ(t.count(13, 23), 1u);
  EXPECT_EQ(t.count(12, 23), 2u);
  EXPECT_EQ(t.count(23, 12), 0u);
  EXPECT_EQ(t.skip(12, 0), 12);
  EXPECT_EQ(t.skip(12, 1), 13);
  EXPECT_EQ(t.skip(13, 2), 33);
}

TEST(TimesOfCron, are_counted_between_two_times) {
  const auto t = *time_table::of(cron("0 3 * * *"), 0);
  EXPECT_EQ(t.count(utc("2024-05-01 03:00"), utc("2024-05-01 03:00")), 0u);
  EXPECT_EQ(t.count(utc("2024-05-01 03:00"), utc("2024-05-04 03:00")), 3u);
  EXPECT_EQ(t.count(utc("2024-05-01 03:00"), utc("2024-05-04 03:00") - 1), 2u);
  EXPECT_EQ(t.skip(utc("2024-05-01 03:00"), 3), utc("2024-05-04 03:00"));
  EXPECT_EQ(t.skip(77, 0), 77);
  EXPECT_EQ(t.next_after(utc("2024-05-01 03:00") - 1), utc("2024-05-01 03:00"));
}

struct stretch {
  const char* zone;
  const char* from;
};

void PrintTo(const stretch& s, std::ostream* out) { *out << s.zone << " from " << s.from; }

/// Some weeks around a change of the clocks, and before the first one.
class TimesOfCronAround : public testing::TestWithParam<stretch> {};

TEST_P(TimesOfCronAround, are_counted_as_if_each_was_looked_at) {
  constexpr millis week = 7 * 24 * 3'600'000;
  for (const char* expression : {"* * * * *", "*/7 1-3 * * *", "30 2 * * *", "0 * * * sun", "15 0,12 10-30 * *",
                                 "59 23 * * *", "* 0 * * *", "0 0 29 2 *"}) {
    SCOPED_TRACE(expression);
    const auto t = *time_table::of(cron(expression, GetParam().zone), 0);
    const millis begin = utc(GetParam().from) + 1234;
    std::uint64_t n = 0;
    for (millis at = begin; at < begin + 3 * week && n < 12'000;) {
      const millis next = t.next_after(at);
      ASSERT_GT(next, at);
      ASSERT_EQ(t.count(at, next), 1u) << next;
      ASSERT_EQ(t.count(at, next - 1), 0u) << next;
      ASSERT_EQ(t.skip(at, 1), next);
      at = next;
      ++n;
      // What goes far is looked at seldom: it takes its time.
      if (n % 97 != 1) continue;
      ASSERT_EQ(t.count(begin, at), n) << at;
      ASSERT_EQ(t.count(begin, at - 1), n - 1) << at;
      ASSERT_EQ(t.skip(begin, n), at);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Changes, TimesOfCronAround,
    testing::Values(stretch{"UTC", "2024-02-20 00:00"}, stretch{"Europe/Berlin", "2024-03-25 12:00"},
                    stretch{"Europe/Berlin", "2024-10-22 12:00"}, stretch{"Europe/Berlin", "1893-03-28 00:00"},
                    stretch{"America/Havana", "2024-10-30 00:00"}, stretch{"America/Havana", "2024-03-05 00:00"},
                    stretch{"Australia/Lord_Howe", "2024-04-01 00:00"},
                    stretch{"Australia/Lord_Howe", "2024-10-01 00:00"}, stretch{"Pacific/Apia", "2011-12-25 00:00"},
                    stretch{"Asia/Manila", "1844-12-25 00:00"}, stretch{"Asia/Kathmandu", "1985-12-25 00:00"}));

TEST(TimesOfCron, are_counted_over_centuries) {
  const millis from = utc("1700-01-01 00:00");
  const millis to = utc("2024-05-01 12:00");
  const auto each = *time_table::of(cron("* * * * *"), 0);
  EXPECT_EQ(each.count(from, to), static_cast<std::uint64_t>((to - from) / 60'000));
  EXPECT_EQ(each.skip(from, static_cast<std::uint64_t>((to - from) / 60'000)), to);
  const auto daily = *time_table::of(cron("30 2 * * *", "Europe/Berlin"), 0);
  const std::uint64_t days = daily.count(from, to);
  EXPECT_EQ(days, static_cast<std::uint64_t>((to - from) / 86'400'000) + 1);
  EXPECT_EQ(daily.skip(from, days), utc("2024-05-01 00:30"));
  const auto leap = *time_table::of(cron("0 0 29 2 *"), 0);
  EXPECT_EQ(leap.count(utc("1600-01-01 00:00"), utc("2001-01-01 00:00")), 98u);
}

TEST(TimesOfCron, go_by_their_zone) {
  EXPECT_THAT(times_after(cron("0 3 * * *"), "2024-05-01 12:00", 2), ElementsAre("05-02 03:00", "05-03 03:00"));
  EXPECT_THAT(times_after(cron("0 3 * * *", "Asia/Kolkata"), "2024-05-01 12:00", 1), ElementsAre("05-01 21:30"));
  EXPECT_THAT(times_after(cron("0 3 * * *", "America/New_York"), "2024-05-01 12:00", 1), ElementsAre("05-02 07:00"));
  EXPECT_THAT(times_after(cron("0 * * * *", "Asia/Kolkata"), "2024-05-01 12:00", 1), ElementsAre("05-01 12:30"));
}

/// In Berlin 02:00 is followed by 03:00 on 2024-03-31, at 01:00 UTC.
TEST(TimesOfCron, that_are_left_out_run_when_the_clocks_are_put_forward) {
  EXPECT_THAT(times_after(cron("30 2 * * *", "Europe/Berlin"), "2024-03-30 00:00", 3),
              ElementsAre("03-30 01:30", "03-31 01:00", "04-01 00:30"));
  EXPECT_THAT(times_after(cron("0,30 1-3 * * *", "Europe/Berlin"), "2024-03-30 23:45", 4),
              ElementsAre("03-31 00:00", "03-31 00:30", "03-31 01:00", "03-31 01:30"));
  EXPECT_THAT(times_after(cron("*/30 * * * *", "Europe/Berlin"), "2024-03-31 00:15", 3),
              ElementsAre("03-31 00:30", "03-31 01:00", "03-31 01:30"));
}

/// In Berlin 03:00 is followed by 02:00 on 2024-10-27, at 01:00 UTC.
TEST(TimesOfCron, that_come_twice_run_once_unless_any_hour_will_do) {
  EXPECT_THAT(times_after(cron("30 2 * * *", "Europe/Berlin"), "2024-10-26 12:00", 2),
              ElementsAre("10-27 00:30", "10-28 01:30"));
  EXPECT_THAT(times_after(cron("30 2 * * *", "Europe/Berlin"), "2024-10-27 01:10", 1), ElementsAre("10-28 01:30"));
  EXPECT_THAT(times_after(cron("0,50 * * * *", "Europe/Berlin"), "2024-10-26 23:55", 5),
              ElementsAre("10-27 00:00", "10-27 00:50", "10-27 01:00", "10-27 01:50", "10-27 02:00"));
  EXPECT_THAT(times_after(cron("0 * 1 1 *", "Europe/Berlin"), "2024-10-26 23:55", 1), ElementsAre("12-31 23:00"));
}

/// All minutes of some years, by two ways.
TEST(TimesOfCron, of_any_hour_are_every_minute_that_passes) {
  const auto all = *time_table::of(cron("* * * * *", "America/St_Johns"), 0);
  millis t = utc("2024-03-01 00:00");
  for (; t < utc("2024-12-01 00:00"); t += 60'000) ASSERT_EQ(all.next_after(t), t + 60'000) << t;
}

TEST(Schedules, refuse_what_makes_no_sense) {
  EXPECT_EQ(thrown_by([] { interval(0ms); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([] { interval(-5s); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([] { interval(std::chrono::milliseconds::max()); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([] { interval(std::chrono::hours(24 * 366 * 100)); }).code(), errc::invalid_argument);
  EXPECT_EQ(interval(std::chrono::hours(24 * 365 * 100)).length, std::chrono::hours(24 * 365 * 100));
  EXPECT_THAT(thrown_by([] { cron("nonsense"); }).message(), HasSubstr("cron \"nonsense\": there are 1 fields"));
  const error e = thrown_by([] { cron("* * * * *", "Europe/Atlantis"); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr("Europe/Atlantis"));
  EXPECT_EQ(thrown_by([] { cron("* * * * *", ""); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([] { cron("* * * * *", "../../etc/passwd"); }).code(), errc::invalid_argument);
}

TEST(Schedules, are_written_as_in_a_program) {
  EXPECT_EQ(to_string(interval(5s)), "interval(5000 ms)");
  EXPECT_EQ(to_string(cron("0 3 * * *", "Europe/Berlin")), "cron(\"0 3 * * *\", \"Europe/Berlin\")");
}

}  // namespace
}  // namespace banyan::test
