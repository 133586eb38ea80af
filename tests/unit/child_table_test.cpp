#include "actors/child_table.hpp"

#include <gmock/gmock.h>

namespace banyan::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using state = child_table::state;

const outcome_ptr success = make_success("value");
const outcome_ptr failed = make_failure({errc::failed, "it broke"});

std::vector<std::uint64_t> all_unsettled(const child_table& t) {
  return t.unsettled([](on_parent_done) { return true; });
}

/// Children with these numbers from 0 on, all open.
child_table with_children(int count) {
  child_table t;
  for (; count > 0; --count) t.add_child(on_parent_done::follow, 1);
  return t;
}

TEST(ChildTable, numbers_children_and_steps_together) {
  child_table t;
  t.add_step();
  t.add_child(on_parent_done::detach, 2);
  t.add_step();
  EXPECT_EQ(t.size(), 3u);
  EXPECT_EQ(t.find(0), nullptr);
  EXPECT_EQ(t.find(2), nullptr);
  EXPECT_EQ(t.find(3), nullptr);
  ASSERT_NE(t.find(1), nullptr);
  EXPECT_EQ(t.find(1)->state, state::open);
  EXPECT_EQ(t.find(1)->policy, on_parent_done::detach);
  EXPECT_EQ(t.find(1)->weight, 2);
}

TEST(ChildTable, knows_whether_there_were_children_at_all) {
  child_table t;
  EXPECT_FALSE(t.has_children());
  t.add_step();
  EXPECT_FALSE(t.has_children());
  t.add_child(on_parent_done::follow, 1);
  EXPECT_TRUE(t.has_children());
}

TEST(ChildTable, adopts_children_beyond_the_numbers_that_were_reached) {
  child_table t = with_children(1);
  t.adopt(3, on_parent_done::cancel, 5);
  EXPECT_EQ(t.size(), 4u);
  EXPECT_EQ(t.find(1), nullptr);
  EXPECT_EQ(t.find(2), nullptr);
  ASSERT_NE(t.find(3), nullptr);
  EXPECT_EQ(t.find(3)->policy, on_parent_done::cancel);
  EXPECT_EQ(t.weight(), 6);
  t.adopt(1, on_parent_done::follow, 1);
  EXPECT_EQ(t.size(), 4u);
  EXPECT_THAT(all_unsettled(t), ElementsAre(0, 1, 3));
}

TEST(ChildTable, takes_a_result_once) {
  child_table t = with_children(1);
  EXPECT_TRUE(t.finish(0, success, 1, 1));
  EXPECT_EQ(t.find(0)->state, state::done);
  EXPECT_FALSE(t.finish(0, failed, 1, 1));
  EXPECT_EQ(t.find(0)->result, success);
  t.close(0);
  EXPECT_FALSE(t.finish(0, failed, 1, 1));
}

TEST(ChildTable, closes_a_child_once_and_after_its_result) {
  child_table t = with_children(1);
  EXPECT_FALSE(t.close(0));
  t.finish(0, success, 1, 1);
  EXPECT_TRUE(t.close(0));
  EXPECT_EQ(t.find(0)->state, state::closed);
  EXPECT_FALSE(t.close(0));
}

TEST(ChildTable, takes_no_news_of_numbers_that_are_no_children) {
  child_table t;
  t.add_step();
  for (const std::uint64_t number : {0u, 1u, 1000u}) {
    EXPECT_FALSE(t.finish(number, success, 1, 1));
    EXPECT_FALSE(t.close(number));
    EXPECT_FALSE(t.report(number, 1, 1));
  }
  EXPECT_EQ(t.size(), 1u);
  EXPECT_EQ(t.weight(), 0);
}

TEST(ChildTable, lists_who_is_not_closed_and_is_wanted) {
  child_table t;
  for (const on_parent_done p : {on_parent_done::follow, on_parent_done::cancel, on_parent_done::detach}) {
    t.add_child(p, 1);
    t.add_step();
  }
  EXPECT_THAT(all_unsettled(t), ElementsAre(0, 2, 4));
  EXPECT_THAT(t.unsettled([](on_parent_done p) { return p == on_parent_done::cancel; }), ElementsAre(2));
  EXPECT_THAT(t.unsettled([](on_parent_done p) { return p != on_parent_done::detach; }), ElementsAre(0, 2));
  t.finish(0, success, 1, 1);
  EXPECT_THAT(all_unsettled(t), ElementsAre(0, 2, 4));
  t.close(0);
  EXPECT_THAT(all_unsettled(t), ElementsAre(2, 4));
}

TEST(ChildTable, forgets_a_child_that_is_left_to_itself) {
  child_table t = with_children(2);
  t.forget(0);
  EXPECT_EQ(t.find(0), nullptr);
  EXPECT_FALSE(t.finish(0, success, 1, 1));
  EXPECT_THAT(all_unsettled(t), ElementsAre(1));
}

TEST(ChildTable, knows_of_a_child_that_did_not_succeed) {
  child_table t = with_children(3);
  EXPECT_FALSE(t.any_failed());
  t.finish(0, success, 1, 1);
  EXPECT_FALSE(t.any_failed());
  t.finish(1, make_cancelled({errc::cancelled, "no longer wanted"}), 0, 1);
  EXPECT_TRUE(t.any_failed());
  t.close(1);
  EXPECT_TRUE(t.any_failed());
}

TEST(ChildTable, sums_what_its_children_report) {
  child_table t;
  t.add_child(on_parent_done::follow, 1);
  t.add_child(on_parent_done::follow, 3);
  EXPECT_EQ(t.calculated(), 0);
  EXPECT_EQ(t.weight(), 4);
  EXPECT_TRUE(t.report(0, 0.5, 1));
  EXPECT_TRUE(t.report(1, 2, 8));
  EXPECT_EQ(t.calculated(), 2.5);
  EXPECT_EQ(t.weight(), 9);
  EXPECT_TRUE(t.finish(0, success, 1, 1));
  EXPECT_EQ(t.calculated(), 3);
}

TEST(ChildTable, knows_no_weight_as_long_as_that_of_a_child_is_unknown) {
  child_table t;
  t.add_child(on_parent_done::follow, unknown_weight);
  t.add_child(on_parent_done::follow, unknown_weight);
  t.add_child(on_parent_done::follow, 3);
  EXPECT_EQ(t.weight(), unknown_weight);
  EXPECT_TRUE(t.report(0, 1, 10));
  EXPECT_EQ(t.weight(), unknown_weight);
  EXPECT_TRUE(t.finish(1, success, 5, 5));
  EXPECT_EQ(t.weight(), 18);
  EXPECT_EQ(t.calculated(), 6);
}

TEST(ChildTable, lets_no_childs_gauge_go_back) {
  child_table t = with_children(1);
  t.report(0, 4, 10);
  EXPECT_FALSE(t.report(0, 4, 10));
  EXPECT_FALSE(t.report(0, 3, 10));
  EXPECT_EQ(t.calculated(), 4);
  EXPECT_TRUE(t.report(0, 3, 12));
  EXPECT_EQ(t.calculated(), 4);
  EXPECT_EQ(t.weight(), 12);
}

TEST(ChildTable, hears_of_progress_until_a_child_is_closed) {
  child_table t = with_children(1);
  t.finish(0, success, 1, 4);
  EXPECT_TRUE(t.report(0, 2, 4));
  t.close(0);
  EXPECT_FALSE(t.report(0, 3, 4));
  EXPECT_EQ(t.calculated(), 2);
}

TEST(ChildTable, forgets_everything_for_the_next_attempt) {
  child_table t = with_children(2);
  t.finish(0, failed, 1, 1);
  t.clear();
  EXPECT_EQ(t.size(), 0u);
  EXPECT_FALSE(t.has_children());
  EXPECT_FALSE(t.any_failed());
  EXPECT_EQ(t.calculated(), 0);
  EXPECT_EQ(t.weight(), 0);
  EXPECT_THAT(all_unsettled(t), IsEmpty());
}

}  // namespace
}  // namespace banyan::detail
