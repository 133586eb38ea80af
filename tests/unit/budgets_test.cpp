#include "actors/budgets.hpp"

#include <set>

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using detail::budgets;
using testing::HasSubstr;

const key owner{{1, 2}, 0};

std::unique_ptr<const budgets> root(const budget& b) { return budgets::of(b, owner, 0, nullptr, 0); }
/// The child at a number, with a budget of its own or none.
std::unique_ptr<const budgets> child(const budgets& above, std::uint64_t number, std::uint32_t level,
                                     const budget& own = {}) {
  return budgets::of(own, {{3, 4}, number}, level, &above, budgets::slot_of(1, number));
}
bool takes(const budgets& b, std::uint64_t number, std::size_t bytes = 1) {
  return !b.take(budgets::slot_of(1, number), bytes);
}

TEST(Budgets, are_none_where_nothing_is_limited) {
  EXPECT_EQ(root({}), nullptr);
  EXPECT_NE(root({.depth = 3}), nullptr);
}

TEST(Budgets, count_places_and_not_calls) {
  const auto b = root({.descendants = 2});
  EXPECT_TRUE(takes(*b, 0));
  EXPECT_TRUE(takes(*b, 0)) << "again";
  EXPECT_TRUE(takes(*b, 1));
  EXPECT_FALSE(takes(*b, 2));
  EXPECT_TRUE(takes(*b, 1)) << "it is there already";
  b->give_back(budgets::slot_of(1, 0));
  EXPECT_TRUE(takes(*b, 2));
}

TEST(Budgets, tell_children_from_handlers_and_from_the_children_of_others) {
  const auto b = root({.descendants = 100});
  std::set<std::uint64_t> places;
  for (std::uint64_t n = 0; n < 10; ++n) {
    places.insert(budgets::place_below(b->place(), budgets::slot_of(0, n)));
    places.insert(budgets::place_below(b->place(), budgets::slot_of(1, n)));
    places.insert(budgets::place_below(child(*b, n, 1)->place(), budgets::slot_of(1, n)));
  }
  EXPECT_EQ(places.size(), 30u);
  EXPECT_EQ(budgets::slot_of(1, 5), budgets::slot_of(2, 5)) << "of another attempt";
}

TEST(Budgets, know_the_place_of_what_is_deeper) {
  const auto b = root({.descendants = 1});
  const auto deeper = child(*b, 4, 1);
  b->count_at(budgets::place_below(deeper->place(), budgets::slot_of(1, 7)), 1);
  EXPECT_TRUE(takes(*deeper, 7));
  EXPECT_FALSE(takes(*deeper, 8));
}

TEST(Budgets, take_the_larger_of_two_calls_at_one_place) {
  const auto b = root({.bytes = 10});
  EXPECT_TRUE(takes(*b, 0, 4));
  EXPECT_TRUE(takes(*b, 0, 6));
  EXPECT_TRUE(takes(*b, 0, 3));
  EXPECT_TRUE(takes(*b, 1, 4));
  EXPECT_FALSE(takes(*b, 2, 1));
  EXPECT_TRUE(takes(*b, 2, 0));
}

TEST(Budgets, bound_levels_below_their_future) {
  const auto b = root({.depth = 2});
  const auto first = child(*b, 0, 1);
  const auto second = child(*first, 0, 2);
  EXPECT_TRUE(takes(*b, 0));
  EXPECT_TRUE(takes(*first, 0));
  EXPECT_FALSE(takes(*second, 0));
}

TEST(Budgets, that_refuse_leave_the_others_as_they_were) {
  const auto outer = root({.descendants = 3});
  const auto inner = child(*outer, 0, 1, {.descendants = 10});
  for (std::uint64_t n = 0; n < 3; ++n) EXPECT_TRUE(takes(*inner, n));
  const auto why = inner->take(budgets::slot_of(1, 3), 1);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, errc::budget_exceeded);
  EXPECT_THAT(why->message, HasSubstr("this would be future 4 below " + owner.str()));
  outer->give_back(budgets::slot_of(1, 9));
  EXPECT_FALSE(takes(*inner, 3));
  inner->give_back(budgets::slot_of(1, 0));
  EXPECT_TRUE(takes(*inner, 3));
}

TEST(Budgets, know_who_counts_by_records) {
  const auto outer = root({.descendants = 3});
  const auto inner = child(*outer, 0, 1, {.depth = 1});
  EXPECT_TRUE(outer->counts());
  EXPECT_FALSE(outer->counted_above());
  EXPECT_FALSE(inner->counts()) << "depth needs no count";
  EXPECT_TRUE(inner->counted_above());
  EXPECT_FALSE(child(*root({.depth = 1}), 0, 1)->counted_above());
}

}  // namespace
}  // namespace banyan::test
