#include "actors/place_wish.hpp"

#include <gmock/gmock.h>

#include "actors/travel.hpp"

namespace banyan::test {
namespace {

using namespace detail;
using testing::ElementsAre;
using testing::IsEmpty;

/// A chain of futures, of which some have places in queues.
class PlaceWish : public testing::Test {
 protected:
  life_ptr below(life_ptr parent, const char* queue) {
    options opts;
    opts.queue = queue;
    const std::uint64_t index = ++last_;
    return life_ptr(new life({{1, index}, index}, std::move(parent), 1, opts, epoch_));
  }
  place_ptr place(int n) {
    return std::make_shared<queue_place>(n, false, [this, n] { given_back_.push_back(n); });
  }
  /// Something that `parent` has called waits.
  wish_ptr wish(const life_ptr& parent, const char* queue) {
    std::vector<place_ptr> offered;
    return place_wish::of(nullptr, parent, {{9, 9}, 9}, queue, offered);
  }

  stop_epoch epoch_{1};
  std::uint64_t last_ = 0;
  std::vector<int> given_back_;
};

TEST_F(PlaceWish, takes_what_all_above_it_offer) {
  const life_ptr top = below({}, "q");
  const life_ptr other = below(top, "r");
  const life_ptr between = below(other, "");
  const life_ptr near = below(between, "q");
  top->offer_place(place(1));
  other->offer_place(place(2));
  near->offer_place(place(3));
  EXPECT_THAT(given_back_, IsEmpty());
  const wish_ptr w = wish(near, "q");
  EXPECT_THAT(given_back_, testing::UnorderedElementsAre(1, 3));
  EXPECT_EQ(top->take_back_place(), nullptr);
  EXPECT_EQ(other->take_back_place()->number(), 2u) << "of another queue";
}

TEST_F(PlaceWish, takes_what_is_offered_later_as_long_as_it_lives) {
  const life_ptr top = below({}, "q");
  wish_ptr first = wish(top, "q");
  wish_ptr second = wish(top, "q");
  first.reset();
  top->offer_place(place(1));
  EXPECT_THAT(given_back_, ElementsAre(1));
  second.reset();
  top->offer_place(place(2));
  EXPECT_THAT(given_back_, ElementsAre(1));
  EXPECT_EQ(top->take_back_place()->number(), 2u);
  EXPECT_EQ(top->take_back_place(), nullptr);
}

TEST_F(PlaceWish, is_none_where_nobody_above_is_of_the_queue) {
  EXPECT_EQ(wish(below(below({}, "r"), ""), "q"), nullptr);
  EXPECT_EQ(wish({}, "q"), nullptr);
}

TEST_F(PlaceWish, knows_who_is_in_a_section) {
  const life_ptr top = below({}, "section:s");
  const life_ptr near = below(top, "");
  EXPECT_FALSE(is_inside(near.get(), "section:s")) << "it waits for its turn";
  top->in_queue = true;
  EXPECT_TRUE(is_inside(near.get(), "section:s"));
  EXPECT_FALSE(is_inside(near.get(), "section:t"));
}

TEST_F(PlaceWish, goes_with_a_child_as_the_queues_above_it) {
  const life_ptr top = below({}, "q");
  const life_ptr near = below(below(below(top, "section:s"), ""), "q");
  ticket t;
  t.self = {{9, 9}, 9};
  t.parent = near;
  EXPECT_THAT(queues_above(t), ElementsAre("q", "section:s"));
  EXPECT_TRUE(is_below(t, top->self));
  EXPECT_TRUE(is_below(t, t.self));
  EXPECT_FALSE(is_below(t, {{8, 8}, 8}));
  auto far = std::make_unique<far_parent>(family_id{5, 5}, life::of_far_root({{4, 4}, 0}, epoch_), 7,
                                          std::vector<std::string>{"r", "q"});
  t.parent = below(life::of_far_parent({{4, 4}, 1}, 1, 1, keep::all, 0, std::move(far), epoch_), "q");
  EXPECT_THAT(queues_above(t), ElementsAre("q", "r")) << "with those on other nodes";
}

}  // namespace
}  // namespace banyan::test
