#include "actors/waiting_line.hpp"

#include <limits>

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using line = detail::waiting_line<int>;

const char tree_a = 'a';
const char tree_b = 'b';

key name(int n) { return {{1, 2}, static_cast<std::uint64_t>(n)}; }

class WaitingLine : public testing::Test {
 protected:
  void push(int n, const void* tree = &tree_a, int priority = 0, std::uint64_t group = 0, bool first = false) {
    line_.push({name(n), n, tree, priority, group}, first);
  }
  std::vector<int> in_front() const {
    std::vector<int> all;
    for (const auto& [at, w] : line_.front()) all.push_back(w.what);
    return all;
  }
  void admit(int n) { ASSERT_TRUE(line_.admit(name(n)).has_value()); }

  line line_{2};
};

TEST_F(WaitingLine, of_one_tree_keeps_the_order_of_arrival) {
  for (const int n : {3, 1, 2}) push(n);
  EXPECT_THAT(in_front(), ElementsAre(3, 1, 2));
}

TEST_F(WaitingLine, takes_one_of_each_tree_in_turn) {
  for (const int n : {1, 2, 3}) push(n, &tree_a);
  for (const int n : {11, 12}) push(n, &tree_b);
  EXPECT_THAT(in_front(), ElementsAre(1, 11, 2, 12, 3));
}

TEST_F(WaitingLine, a_tree_that_comes_late_has_missed_its_turns) {
  for (const int n : {1, 2, 3}) push(n, &tree_a);
  admit(1);
  admit(2);
  push(11, &tree_b);
  push(12, &tree_b);
  EXPECT_THAT(in_front(), ElementsAre(3, 11, 12));
}

TEST_F(WaitingLine, a_higher_priority_comes_first_and_who_comes_again_is_first_of_its_own) {
  push(1);
  push(2, &tree_a, 5);
  push(3, &tree_a, -5);
  push(4, &tree_b, 0, 0, true);
  EXPECT_THAT(in_front(), ElementsAre(2, 4, 1, 3));
}

TEST_F(WaitingLine, any_number_is_a_priority) {
  push(1, &tree_a, std::numeric_limits<int>::min());
  push(2, &tree_a, -5);
  push(3, &tree_a, 0);
  push(4, &tree_a, std::numeric_limits<int>::max());
  EXPECT_THAT(in_front(), ElementsAre(4, 3, 2, 1));
}

TEST_F(WaitingLine, a_higher_priority_comes_first_within_a_group_too) {
  for (const int n : {1, 2, 3}) push(n, &tree_a, 0, 7);
  push(4, &tree_a, 9, 7);
  EXPECT_THAT(in_front(), ElementsAre(4, 1)) << "in the place of the last that was in front";
  push(5, &tree_b, 0, 7, true);
  EXPECT_THAT(in_front(), ElementsAre(4, 5)) << "who comes again too";
  admit(4);
  line_.leave(7);
  EXPECT_THAT(in_front(), ElementsAre(5, 1));
  for (const int n : {5, 1}) EXPECT_EQ(line_.withdraw(name(n)), n);
  EXPECT_THAT(in_front(), ElementsAre(2, 3));
}

TEST_F(WaitingLine, who_was_offered_a_place_has_it_though_another_took_its_turn) {
  for (const int n : {1, 2}) push(n, &tree_a, 0, 7);
  push(3, &tree_a, 9, 7);
  EXPECT_THAT(in_front(), ElementsAre(3, 1));
  admit(2);
  EXPECT_THAT(in_front(), ElementsAre(3)) << "with it there are two";
  line_.leave(7);
  EXPECT_THAT(in_front(), ElementsAre(3, 1));
}

TEST_F(WaitingLine, no_more_of_a_group_are_in_front_than_may_have_a_place) {
  for (const int n : {1, 2, 3, 4}) push(n, &tree_a, 0, 7);
  push(5);
  EXPECT_THAT(in_front(), ElementsAre(1, 2, 5));
  admit(1);
  EXPECT_THAT(in_front(), ElementsAre(2, 5)) << "it has one of the places";
  line_.leave(7);
  EXPECT_THAT(in_front(), ElementsAre(2, 3, 5)) << "it kept its turn behind the others";
  EXPECT_EQ(line_.size(), 4u);
}

TEST_F(WaitingLine, who_is_withdrawn_makes_room_for_its_group) {
  for (const int n : {1, 2, 3, 4}) push(n, &tree_a, 0, 7);
  EXPECT_EQ(line_.withdraw(name(4)), 4) << "from behind";
  EXPECT_EQ(line_.withdraw(name(1)), 1);
  EXPECT_THAT(in_front(), ElementsAre(2, 3));
  EXPECT_EQ(line_.withdraw(name(1)), std::nullopt);
  EXPECT_EQ(line_.admit(name(9)), std::nullopt);
}

TEST_F(WaitingLine, takes_out_all_that_are_wanted) {
  for (const int n : {1, 2, 3, 4}) push(n, &tree_a, 0, 7);
  push(5, &tree_b);
  EXPECT_THAT(line_.withdraw_if([](int n) { return n % 2 == 0; }), testing::UnorderedElementsAre(2, 4));
  EXPECT_THAT(in_front(), ElementsAre(1, 5, 3));
  line_.withdraw_if([](int) { return true; });
  EXPECT_TRUE(line_.empty());
  EXPECT_THAT(in_front(), IsEmpty());
}

}  // namespace
}  // namespace banyan::test
