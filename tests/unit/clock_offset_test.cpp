#include "persistence/clock_offset.hpp"

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using detail::clock_offset;

TEST(ClockOffset, is_nothing_between_clocks_that_agree) {
  clock_offset offset;
  offset.measured(10'000ms, 10'400ms, 10'100ms);
  EXPECT_EQ(offset.value(), 0ms);
  offset.measured(10'000ms, 9'600ms, 10'100ms);
  EXPECT_EQ(offset.value(), 0ms);
}

TEST(ClockOffset, is_counted_from_the_middle_of_the_way) {
  clock_offset offset;
  offset.measured(10'000ms, 3'610'050ms, 10'100ms);
  EXPECT_EQ(offset.value(), 3'600'000ms);
  offset.measured(20'000'000ms, 10'000'100ms, 20'000'200ms);
  EXPECT_EQ(offset.value(), -10'000'000ms);
}

TEST(ClockOffset, stays_while_it_is_about_the_same) {
  clock_offset offset;
  offset.measured(0ms, 600ms, 0ms);
  offset.measured(0ms, 400ms, 0ms);
  EXPECT_EQ(offset.value(), 600ms);
  offset.measured(0ms, 1'090ms, 0ms);
  EXPECT_EQ(offset.value(), 600ms);
}

TEST(ClockOffset, ends_when_the_clock_is_put_right) {
  clock_offset offset;
  offset.measured(0ms, 3'600'000ms, 0ms);
  offset.measured(3'600'000ms, 3'600'000ms, 3'600'000ms);
  EXPECT_EQ(offset.value(), 0ms);
}

TEST(ClockOffset, is_not_told_by_an_answer_that_took_too_long_or_a_clock_that_was_set_meanwhile) {
  clock_offset offset;
  offset.measured(0ms, 3'600'000ms, 501ms);
  offset.measured(5'000ms, 3'600'000ms, 4'999ms);
  EXPECT_EQ(offset.value(), 0ms);
}

}  // namespace
}  // namespace banyan::test
