#include "actors/cron.hpp"

#include <gmock/gmock.h>

#include <chrono>

#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::calendar_minute;
using detail::cron_expression;
using testing::HasSubstr;

/// "2024-02-29 03:00" as minutes since 1970, and back.
calendar_minute at(const std::string& text) {
  std::tm t{};
  EXPECT_NE(strptime(text.c_str(), "%Y-%m-%d %H:%M", &t), nullptr) << text;
  return timegm(&t) / 60;
}

std::string text_of(calendar_minute m) {
  const std::time_t seconds = m * 60;
  std::tm t{};
  gmtime_r(&seconds, &t);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &t);
  return text;
}

struct expectation {
  const char* expression;
  const char* from;
  const char* next;
};

void PrintTo(const expectation& e, std::ostream* out) { *out << e.expression << " from " << e.from; }

class CronTimes : public testing::TestWithParam<expectation> {};

TEST_P(CronTimes, are_found) {
  const expectation& e = GetParam();
  EXPECT_EQ(text_of(cron_expression(e.expression).at_or_after(at(e.from))), e.next);
}

INSTANTIATE_TEST_SUITE_P(Plain, CronTimes,
                         testing::Values(expectation{"* * * * *", "2024-05-01 12:34", "2024-05-01 12:34"},
                                         expectation{"0 3 * * *", "2024-05-01 03:00", "2024-05-01 03:00"},
                                         expectation{"0 3 * * *", "2024-05-01 03:01", "2024-05-02 03:00"},
                                         expectation{"59 23 31 12 *", "2024-01-01 00:00", "2024-12-31 23:59"},
                                         expectation{"0 0 1 1 *", "2024-01-01 00:01", "2025-01-01 00:00"},
                                         expectation{"5,35 * * * *", "2024-05-01 12:06", "2024-05-01 12:35"},
                                         expectation{"5,35 * * * *", "2024-05-01 23:36", "2024-05-02 00:05"},
                                         expectation{"30 9-17 * * *", "2024-05-01 17:31", "2024-05-02 09:30"},
                                         expectation{"*/15 * * * *", "2024-05-01 12:46", "2024-05-01 13:00"},
                                         expectation{"7-59/20 * * * *", "2024-05-01 12:28", "2024-05-01 12:47"},
                                         expectation{"7-59/20 * * * *", "2024-05-01 12:48", "2024-05-01 13:07"},
                                         expectation{"0 */9 * * *", "2024-05-01 10:00", "2024-05-01 18:00"},
                                         expectation{"0 0 1-10/4,31 * *", "2024-05-02 00:00", "2024-05-05 00:00"},
                                         expectation{"  0\t 3  *  *  * ", "2024-05-01 03:01", "2024-05-02 03:00"},
                                         expectation{"0 */99 * * *", "2024-05-01 00:01", "2024-05-02 00:00"}));

INSTANTIATE_TEST_SUITE_P(Names, CronTimes,
                         testing::Values(expectation{"0 0 1 feb *", "2024-05-01 00:00", "2025-02-01 00:00"},
                                         expectation{"0 0 1 JAN-Mar *", "2024-02-02 00:00", "2024-03-01 00:00"},
                                         expectation{"0 0 * * mon", "2024-05-01 00:00", "2024-05-06 00:00"},
                                         expectation{"0 0 * * MON-fri", "2024-05-04 00:00", "2024-05-06 00:00"},
                                         expectation{"0 0 * * sat-sun", "2024-05-05 00:00", "2024-05-05 00:00"},
                                         expectation{"0 0 * * 0", "2024-05-01 00:00", "2024-05-05 00:00"},
                                         expectation{"0 0 * * 7", "2024-05-01 00:00", "2024-05-05 00:00"},
                                         expectation{"0 0 * * 5-7", "2024-05-05 00:00", "2024-05-05 00:00"},
                                         expectation{"@hourly", "2024-05-01 00:01", "2024-05-01 01:00"},
                                         expectation{"@daily", "2024-05-01 00:01", "2024-05-02 00:00"},
                                         expectation{"@midnight", "2024-05-01 00:01", "2024-05-02 00:00"},
                                         expectation{"@weekly", "2024-05-01 00:01", "2024-05-05 00:00"},
                                         expectation{"@Monthly", "2024-05-01 00:01", "2024-06-01 00:00"},
                                         expectation{"@yearly", "2024-05-01 00:01", "2025-01-01 00:00"},
                                         expectation{"@annually", "2024-05-01 00:01", "2025-01-01 00:00"}));

INSTANTIATE_TEST_SUITE_P(Days, CronTimes,
                         testing::Values(expectation{"0 0 31 * *", "2024-01-31 00:01", "2024-03-31 00:00"},
                                         expectation{"0 0 30 * *", "2023-01-31 00:00", "2023-03-30 00:00"},
                                         expectation{"0 0 29 2 *", "2024-02-29 00:01", "2028-02-29 00:00"},
                                         expectation{"0 0 29 2 *", "2096-03-01 00:00", "2104-02-29 00:00"},
                                         // Both restricted: one is enough.
                                         expectation{"0 0 13 * fri", "2024-05-01 00:00", "2024-05-03 00:00"},
                                         expectation{"0 0 13 * fri", "2024-05-11 00:00", "2024-05-13 00:00"},
                                         expectation{"0 0 30 2 fri", "2024-02-03 00:00", "2024-02-09 00:00"},
                                         // One begins with a star: both have to match.
                                         expectation{"0 0 */2 * fri", "2024-05-04 00:00", "2024-05-17 00:00"},
                                         expectation{"0 0 29 2 */7", "2024-03-01 00:00", "2032-02-29 00:00"},
                                         expectation{"0 0 1 * *", "1969-12-31 23:59", "1970-01-01 00:00"},
                                         expectation{"30 6 * * *", "1969-12-30 06:31", "1969-12-31 06:30"}));

TEST(Cron, says_whether_it_asks_for_hours) {
  EXPECT_TRUE(cron_expression("5 * * * *").any_hour());
  EXPECT_TRUE(cron_expression("5 0-23 * * *").any_hour());
  EXPECT_FALSE(cron_expression("5 0-22 * * *").any_hour());
}

/// What matches at a minute is said by the fields alone.
TEST(Cron, leaves_out_nothing_in_between) {
  const cron_expression all("* * * * *");
  const cron_expression some("13,47 4-20/3 * * tue,sat");
  calendar_minute next = some.at_or_after(at("2024-02-20 00:00"));
  for (calendar_minute m = at("2024-02-20 00:00"); m < at("2024-03-20 00:00"); ++m) {
    ASSERT_EQ(all.at_or_after(m), m);
    const std::chrono::weekday day{std::chrono::sys_days(std::chrono::days(m / 1440))};
    const auto minute = m % 60;
    const auto hour = m % 1440 / 60;
    const bool matches = (minute == 13 || minute == 47) && hour >= 4 && hour <= 20 && hour % 3 == 1 &&
                         (day == std::chrono::Tuesday || day == std::chrono::Saturday);
    ASSERT_EQ(next == m, matches) << text_of(m);
    if (matches) next = some.at_or_after(m + 1);
  }
}

struct refusal {
  const char* expression;
  const char* says;
};

void PrintTo(const refusal& r, std::ostream* out) { *out << r.expression; }

class RefusedCron : public testing::TestWithParam<refusal> {};

TEST_P(RefusedCron, says_what_is_wrong) {
  const error e = thrown_by([] { static_cast<void>(cron_expression(GetParam().expression)); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr(GetParam().says));
  EXPECT_THAT(e.message(), HasSubstr(std::string("cron \"") + GetParam().expression + "\": "));
}

INSTANTIATE_TEST_SUITE_P(
    Of, RefusedCron,
    testing::Values(refusal{"", "0 fields"}, refusal{"* * * *", "4 fields"}, refusal{"0 0 0 * * *", "6 fields"},
                    refusal{"60 * * * *", "the minute \"60\" is not from 0 to 59"},
                    refusal{"* 24 * * *", "the hour \"24\" is not from 0 to 23"},
                    refusal{"* * 0 * *", "the day of the month \"0\" is not from 1 to 31"},
                    refusal{"* * * 13 *", "the month \"13\" is not from 1 to 12, nor a name"},
                    refusal{"* * * * 8", "the day of the week \"8\" is not from 0 to 7, nor a name"},
                    refusal{"-1 * * * *", "the minute"}, refusal{"1- * * * *", "the minute"},
                    refusal{"1,,2 * * * *", "the minute \"\""}, refusal{"1, * * * *", "the minute \"\""},
                    refusal{"5-1 * * * *", "goes backwards"}, refusal{"*/0 * * * *", "no number above 0"},
                    refusal{"*/x * * * *", "no number above 0"}, refusal{"5/15 * * * *", "write 5-59/15"},
                    refusal{"+5 * * * *", "is not from 0"}, refusal{"1.5 * * * *", "is not from 0"},
                    refusal{"99999999999 * * * *", "is not from 0"}, refusal{"feb * * * *", "the minute \"feb\""},
                    refusal{"* * * january *", "the month \"january\""}, refusal{"? * * * *", "the minute \"?\""},
                    refusal{"* * L * *", "the day of the month \"L\""}, refusal{"@reboot", "@reboot is none of"},
                    refusal{"@daily *", "2 fields"}, refusal{"0 0 30 2 *", "no such day in any year"},
                    refusal{"0 0 31 4,6,9,11 *", "no such day in any year"}));

}  // namespace
}  // namespace banyan::test
