#include "messages/clock.hpp"

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using namespace detail;
using std::chrono::milliseconds;
using time = std::chrono::system_clock::time_point;

TEST(Clock, adds_what_can_be_added) {
  EXPECT_EQ(later(from_millis(1000), 250ms), from_millis(1250));
  EXPECT_EQ(later(from_millis(1000), -250ms), from_millis(750));
  EXPECT_EQ(later(1000, 250ms), 1250);
  EXPECT_EQ(later(1000, -2000ms), -1000);
  EXPECT_EQ(later(first_time, milliseconds(last_time - first_time - 1)), last_time - 1);
}

TEST(Clock, ends_where_the_sum_is_too_large) {
  for (const milliseconds d : {milliseconds::max(), milliseconds(std::chrono::years(1000)), milliseconds(last_time)}) {
    EXPECT_EQ(later(from_millis(1000), d), time::max());
    EXPECT_EQ(later(millis{1000}, d), last_time);
    EXPECT_EQ(later(time::max(), d), time::max());
    EXPECT_EQ(later(from_millis(-1000), -d), time::min());
    EXPECT_EQ(later(millis{-1000}, -d), first_time);
  }
  EXPECT_EQ(later(time::max(), 0ms), time::max());
  EXPECT_EQ(later(from_millis(1000), milliseconds::min()), time::min());
  EXPECT_EQ(later(millis{1000}, milliseconds::min()), first_time);
}

TEST(Clock, reads_numbers_that_it_cannot_tell_as_the_nearest_time) {
  EXPECT_EQ(to_millis(from_millis(INT64_MAX)), last_time);
  EXPECT_EQ(to_millis(from_millis(INT64_MIN)), first_time);
  EXPECT_EQ(from_millis(7), time(7ms));
}

}  // namespace
}  // namespace banyan::test
