#include "persistence/server_clock.hpp"

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using detail::server_clock;

detail::boot_clock::time_point at(std::chrono::milliseconds t) { return detail::boot_clock::time_point(t); }

TEST(ServerClock, is_not_known_before_it_is_measured) { EXPECT_FALSE(server_clock().base()); }

TEST(ServerClock, is_counted_from_the_middle_of_the_way) {
  server_clock c;
  c.measured(at(10'000ms), 3'610'050ms, at(10'100ms));
  EXPECT_EQ(c.base(), 3'600'000ms);
}

TEST(ServerClock, does_not_waver) {
  server_clock c;
  c.measured(at(0ms), 1'000'000ms, at(0ms));
  c.measured(at(5'000ms), 1'005'490ms, at(5'000ms));
  c.measured(at(9'000ms), 1'008'510ms, at(9'000ms));
  EXPECT_EQ(c.base(), 1'000'000ms);
}

TEST(ServerClock, is_followed_when_it_is_set) {
  server_clock c;
  c.measured(at(0ms), 1'000'000ms, at(0ms));
  c.measured(at(1'000ms), 4'601'000ms, at(1'000ms));
  EXPECT_EQ(c.base(), 4'600'000ms);
}

TEST(ServerClock, is_not_told_by_an_answer_that_took_too_long) {
  server_clock c;
  c.measured(at(0ms), 3'600'000ms, at(501ms));
  EXPECT_FALSE(c.base());
}

}  // namespace
}  // namespace banyan::test
