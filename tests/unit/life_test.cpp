#include "actors/life.hpp"

#include <gtest/gtest.h>

#include "tests/support/lives.hpp"

namespace banyan::test {
namespace {

using detail::life_ptr;

class Life : public testing::Test {
 protected:
  lives lives_;
};

TEST_F(Life, knows_its_place_in_the_tree) {
  const life_ptr root = lives_.root();
  const life_ptr child = lives_.child(root);
  const life_ptr grandchild = lives_.child(child, options{}, 3);
  EXPECT_EQ(root->level, 0u);
  EXPECT_EQ(grandchild->level, 2u);
  EXPECT_EQ(grandchild->parent_attempt, 3u);
  EXPECT_EQ(grandchild->parent.get(), child.get());
  for (const life_ptr& l : {root, child, grandchild}) EXPECT_EQ(l->root(), root.get());
}

TEST_F(Life, takes_from_its_parent_which_records_are_kept) {
  const life_ptr root = lives_.root();
  EXPECT_EQ(root->keep_records, keep::all);
  const life_ptr child = lives_.child(root, {.keep = keep::none});
  EXPECT_EQ(child->keep_records, keep::none);
  const life_ptr grandchild = lives_.child(child);
  EXPECT_EQ(grandchild->keep_records, keep::none);
  EXPECT_EQ(lives_.child(grandchild, {.keep = keep::failed})->keep_records, keep::failed);
}

TEST_F(Life, does_nothing_more_for_the_unsettled_once_it_is_settled) {
  const life_ptr l = lives_.root();
  int calls = 0;
  l->while_unsettled([&] { ++calls; });
  l->set_settled();
  l->while_unsettled([&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST_F(Life, is_not_durable_below_one_that_is_not) {
  const life_ptr root = lives_.root();
  EXPECT_TRUE(root->durable);
  const life_ptr child = lives_.child(root, {.durable = false});
  EXPECT_FALSE(child->durable);
  EXPECT_FALSE(lives_.child(child, {.durable = true})->durable);
  EXPECT_TRUE(lives_.child(root)->durable);
}

TEST_F(Life, weighs_what_the_function_says_then_what_was_given_then_what_its_children_weigh) {
  const life_ptr plain = lives_.root();
  EXPECT_EQ(plain->progress().weight, 1);
  plain->children_weight = 5;
  EXPECT_EQ(plain->progress().weight, 5);
  const life_ptr given = lives_.root({.weight = 3});
  given->children_weight = 5;
  EXPECT_EQ(given->progress().weight, 3);
  given->own_weight = 7;
  EXPECT_EQ(given->progress().weight, 7);
}

TEST_F(Life, of_unknown_weight_gives_way_to_its_children_and_knows_it_once_it_succeeded) {
  const life_ptr given = lives_.root({.weight = unknown_weight});
  EXPECT_FALSE(given->progress().known());
  given->children_weight = 5;
  EXPECT_EQ(given->progress().weight, 5);
  const life_ptr own = lives_.root();
  own->own_weight = unknown_weight;
  own->local = 7;
  EXPECT_EQ(own->progress().fraction(), 0);
  own->complete_gauge(false);
  EXPECT_EQ(own->progress().weight, 7);
  EXPECT_EQ(own->progress().fraction(), 1);
  const life_ptr idle = lives_.root({.weight = unknown_weight});
  idle->complete_gauge(false);
  EXPECT_EQ(idle->progress().fraction(), 1);
}

TEST_F(Life, may_weigh_nothing) {
  EXPECT_EQ(lives_.root({.weight = 0})->progress().weight, 0);
  const life_ptr l = lives_.root({.weight = 3});
  l->own_weight = 0;
  EXPECT_EQ(l->progress().weight, 0);
}

TEST_F(Life, has_done_what_it_did_and_what_its_children_did) {
  const life_ptr l = lives_.root();
  l->local = 1.5;
  l->children_calculated = 2;
  EXPECT_EQ(l->progress().local, 1.5);
  EXPECT_EQ(l->progress().calculated, 3.5);
}

TEST_F(Life, says_why_it_is_parked_until_it_goes_on) {
  const life_ptr l = lives_.root();
  EXPECT_FALSE(l->parked());
  l->unpark();
  EXPECT_FALSE(l->parked());
  l->park({errc::unknown_function, "not here"});
  ASSERT_TRUE(l->parked());
  EXPECT_EQ(l->parked()->message, "not here");
  l->park({errc::nondeterminism, "something else"});
  EXPECT_EQ(l->parked()->code, errc::nondeterminism);
  l->unpark();
  EXPECT_FALSE(l->parked());
  EXPECT_FALSE(l->must_stop());
}

TEST_F(Life, lasts_as_long_as_somebody_refers_to_it) {
  life_ptr root = lives_.root();
  const key name = root->self;
  life_ptr child = lives_.child(root);
  root = {};
  EXPECT_EQ(child->parent->self, name);
  const life_ptr other = child;
  child = {};
  EXPECT_EQ(other->root()->self, name);
}

using begun = detail::life::begun;
using detail::adoptee;

std::shared_ptr<const options> default_options() { return std::make_shared<const options>(); }

TEST_F(Life, adopts_between_its_beginning_and_its_end) {
  const life_ptr l = lives_.root();
  EXPECT_EQ(l->begin_adoption(0, default_options()), begun::no);
  l->open_to_adoption(7);
  EXPECT_EQ(l->header_version(), 7u);
  EXPECT_EQ(l->begin_adoption(0, default_options()), begun::yes);
  EXPECT_EQ(l->begin_adoption(0, default_options()), begun::known);
  EXPECT_TRUE(l->close_to_adoption()) << "one was let in";
  EXPECT_EQ(l->begin_adoption(1, default_options()), begun::closed);
  l->open_to_adoption(7);
  EXPECT_EQ(l->begin_adoption(1, default_options()), begun::closed);
}

TEST_F(Life, that_nobody_asked_to_adopt_ends_at_once) {
  const life_ptr l = lives_.root();
  EXPECT_FALSE(l->close_to_adoption());
  const life_ptr open = lives_.root();
  open->open_to_adoption(1);
  EXPECT_TRUE(open->adoptees().empty());
  EXPECT_FALSE(open->close_to_adoption());
}

TEST_F(Life, tells_what_it_adopts_until_it_is_decided_and_then_once) {
  const life_ptr l = lives_.root();
  l->open_to_adoption(1);
  for (const std::uint64_t n : {4, 5, 6}) EXPECT_EQ(l->begin_adoption(n, default_options()), begun::yes);
  EXPECT_EQ(l->adoptees().size(), 3u);
  l->end_adoption(4, true);
  l->end_adoption(5, false);
  const std::vector<adoptee> all = l->adoptees();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].state, adoptee::state::adopted);
  EXPECT_EQ(all[1].state, adoptee::state::refused);
  EXPECT_EQ(all[2].state, adoptee::state::deciding);
  EXPECT_FALSE(l->close_unless_adopting());
  l->end_adoption(6, false);
  EXPECT_EQ(l->adoptees().size(), 1u);
  EXPECT_TRUE(l->adoptees().empty());
  EXPECT_TRUE(l->close_unless_adopting());
  EXPECT_EQ(l->begin_adoption(7, default_options()), begun::closed);
}

}  // namespace
}  // namespace banyan::test
