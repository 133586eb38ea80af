#include "actors/last_askers.hpp"

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using detail::last_askers;

class LastAskers : public testing::Test {
 protected:
  const family_id family_{1, 2};
  const last_askers::time_point now_ = std::chrono::steady_clock::now();
  last_askers askers_;
};

TEST_F(LastAskers, of_a_family_that_nobody_asked_for_there_are_none) {
  EXPECT_FALSE(askers_.asked_elsewhere(family_, 7));
}

TEST_F(LastAskers, are_known_until_they_order_a_guest) {
  askers_.note(family_, 8, now_);
  EXPECT_TRUE(askers_.asked_elsewhere(family_, 7));
  EXPECT_TRUE(askers_.asked_elsewhere(family_, 7));
  EXPECT_FALSE(askers_.asked_elsewhere(family_, 8));
  EXPECT_FALSE(askers_.asked_elsewhere(family_, 7));
}

TEST_F(LastAskers, are_those_that_asked_last) {
  askers_.note(family_, 7, now_);
  askers_.note(family_, 8, now_);
  EXPECT_TRUE(askers_.asked_elsewhere(family_, 7));
}

TEST_F(LastAskers, are_forgotten_when_they_are_lost) {
  askers_.note(family_, 8, now_);
  askers_.lost(8);
  EXPECT_FALSE(askers_.asked_elsewhere(family_, 7));
}

TEST_F(LastAskers, are_forgotten_when_nothing_can_come_late_any_more) {
  const family_id other{3, 4};
  askers_.note(family_, 8, now_);
  askers_.note(other, 8, now_);
  askers_.note(other, 8, now_ + last_askers::keep);
  askers_.note({5, 6}, 8, now_ + last_askers::keep + std::chrono::seconds(1));
  EXPECT_FALSE(askers_.asked_elsewhere(family_, 7));
  EXPECT_TRUE(askers_.asked_elsewhere(other, 7)) << "it was asked for again since";
}

}  // namespace
}  // namespace banyan::test
