#include "actors/run_queue.hpp"

#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace banyan::detail {
namespace {

using testing::ElementsAre;

/// A queue of names, and trees to put into it.
class RunQueue : public testing::Test {
 protected:
  std::vector<std::string> drain() {
    std::vector<std::string> order;
    while (!queue_.empty()) order.push_back(queue_.pop());
    return order;
  }

  run_queue<std::string> queue_;
  const std::array<int, 3> trees_{};
  run_queue<std::string>::tree_id const a_ = &trees_[0];
  run_queue<std::string>::tree_id const b_ = &trees_[1];
  run_queue<std::string>::tree_id const c_ = &trees_[2];
};

TEST_F(RunQueue, counts_what_waits) {
  EXPECT_TRUE(queue_.empty());
  queue_.push(a_, 0, "a");
  queue_.push(b_, 3, "b");
  EXPECT_FALSE(queue_.empty());
  EXPECT_EQ(queue_.size(), 2u);
  queue_.pop();
  EXPECT_EQ(queue_.size(), 1u);
  queue_.pop();
  EXPECT_TRUE(queue_.empty());
}

TEST_F(RunQueue, takes_the_highest_priority_first_of_all_trees) {
  queue_.push(a_, 5, "none");
  queue_.push(b_, 0, "high", 7);
  queue_.push(a_, 0, "low", -1);
  queue_.push(c_, 1, "also high", 7);
  queue_.push(a_, 0, "higher", 8);
  EXPECT_THAT(drain(), ElementsAre("higher", "high", "also high", "none", "low"));
  queue_.push(a_, 0, "again", 7);
  EXPECT_THAT(drain(), ElementsAre("again"));
}

TEST_F(RunQueue, gives_away_what_has_any_priority) {
  for (const int p : {-1, 0, 1}) queue_.push(a_, 0, std::to_string(p), p);
  EXPECT_EQ(queue_.take_top(2, [](const std::string&) { return true; }).size(), 2u);
  EXPECT_EQ(drain().size(), 1u);
}

TEST_F(RunQueue, keeps_the_order_of_arrival_within_a_level) {
  for (const char* name : {"1", "2", "3", "4"}) queue_.push(a_, 1, name);
  EXPECT_THAT(drain(), ElementsAre("1", "2", "3", "4"));
}

TEST_F(RunQueue, takes_the_deepest_level_of_a_tree_first) {
  queue_.push(a_, 1, "child");
  queue_.push(a_, 0, "root");
  queue_.push(a_, 3, "great-grandchild");
  queue_.push(a_, 1, "second child");
  queue_.push(a_, 2, "grandchild");
  EXPECT_THAT(drain(), ElementsAre("great-grandchild", "grandchild", "child", "second child", "root"));
}

TEST_F(RunQueue, takes_what_comes_from_deeper_down_before_what_waited_longer) {
  queue_.push(a_, 1, "first");
  queue_.push(a_, 1, "second");
  EXPECT_EQ(queue_.pop(), "first");
  queue_.push(a_, 2, "below first");
  EXPECT_THAT(drain(), ElementsAre("below first", "second"));
}

TEST_F(RunQueue, takes_one_of_each_tree_in_turn) {
  for (const char* name : {"a1", "a2", "a3"}) queue_.push(a_, 1, name);
  for (const char* name : {"b1", "b2"}) queue_.push(b_, 1, name);
  queue_.push(c_, 1, "c1");
  EXPECT_THAT(drain(), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_F(RunQueue, gives_a_deep_tree_no_more_turns_than_a_shallow_one) {
  for (std::uint32_t level = 10; level < 13; ++level) queue_.push(a_, level, "a" + std::to_string(level));
  for (const char* name : {"b1", "b2", "b3"}) queue_.push(b_, 0, name);
  EXPECT_THAT(drain(), ElementsAre("a12", "b1", "a11", "b2", "a10", "b3"));
}

TEST_F(RunQueue, lets_a_new_tree_have_its_turn_after_those_that_wait) {
  for (const char* name : {"a1", "a2", "a3"}) queue_.push(a_, 1, name);
  EXPECT_EQ(queue_.pop(), "a1");
  queue_.push(b_, 1, "b1");
  EXPECT_THAT(drain(), ElementsAre("a2", "b1", "a3"));
}

TEST_F(RunQueue, gives_no_tree_a_better_turn_because_it_was_empty_for_a_while) {
  queue_.push(a_, 1, "a1");
  for (const char* name : {"b1", "b2"}) queue_.push(b_, 1, name);
  EXPECT_EQ(queue_.pop(), "a1");
  queue_.push(a_, 1, "a2");
  EXPECT_THAT(drain(), ElementsAre("b1", "a2", "b2"));
}

TEST_F(RunQueue, takes_a_single_tree_of_many_no_later_than_after_all_others) {
  constexpr int many = 1000;
  const std::vector<int> trees(many);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < many; ++i) queue_.push(&trees[static_cast<std::size_t>(i)], 1, std::to_string(i));
  }
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < many; ++i) ASSERT_EQ(queue_.pop(), std::to_string(i));
  }
  EXPECT_TRUE(queue_.empty());
}

TEST(RunQueueEntries, need_not_be_copied) {
  const int tree = 0;
  run_queue<std::unique_ptr<int>> queue;
  queue.push(&tree, 0, std::make_unique<int>(7));
  EXPECT_EQ(*queue.pop(), 7);
}

}  // namespace
}  // namespace banyan::detail
