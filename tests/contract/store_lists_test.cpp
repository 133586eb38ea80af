#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/each_store.hpp"
#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

using detail::root_entry;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class StoreLists : public EachStore {
 protected:
  const family_id first_{1, ~std::uint64_t{0}};
  const family_id second_{2, 0};
  const family_id third_{~std::uint64_t{0}, 5};

  void put(what kind, const family_id& family, std::int64_t number = 0) {
    EXPECT_TRUE(commit_one(store_, {kind, family, 0, number, {}}).won);
  }
};

TEST_P(StoreLists, roots_are_listed_by_rising_family) {
  put(what::add_root, third_, 10);
  put(what::add_root, first_, 30);
  put(what::add_root, second_, 20);
  EXPECT_THAT(store_.roots(false),
              ElementsAre(root_entry{first_, 30, 0}, root_entry{second_, 20, 0}, root_entry{third_, 10, 0}));
  EXPECT_EQ(store_.root(second_), (root_entry{second_, 20, 0}));
}

TEST_P(StoreLists, a_root_that_is_listed_keeps_its_entry) {
  put(what::add_root, first_, 30);
  put(what::settle_root, first_, 40);
  put(what::add_root, first_, 50);
  EXPECT_EQ(store_.root(first_), (root_entry{first_, 30, 40}));
}

TEST_P(StoreLists, a_settled_root_is_not_among_the_unsettled) {
  put(what::add_root, first_, 1);
  put(what::add_root, second_, 2);
  put(what::settle_root, first_, 3);
  EXPECT_THAT(store_.roots(true), ElementsAre(root_entry{second_, 2, 0}));
  EXPECT_EQ(store_.roots(false).size(), 2u);
}

TEST_P(StoreLists, a_root_settles_once) {
  put(what::add_root, first_, 1);
  put(what::settle_root, first_, 3);
  put(what::settle_root, first_, 4);
  EXPECT_EQ(store_.root(first_), (root_entry{first_, 1, 3}));
}

TEST_P(StoreLists, settling_what_is_not_listed_does_nothing) {
  put(what::settle_root, first_, 3);
  EXPECT_THAT(store_.roots(false), IsEmpty());
  EXPECT_EQ(store_.root(first_), std::nullopt);
}

TEST_P(StoreLists, a_dropped_root_is_no_longer_listed_but_keeps_its_records) {
  put(what::add_root, first_, 1);
  commit_one(store_, spec_of({first_, 0}, "spec"));
  put(what::drop_root, first_);
  put(what::drop_root, first_);
  EXPECT_THAT(store_.roots(false), IsEmpty());
  EXPECT_EQ(store_.load({first_, 0})->spec, "spec");
}

TEST_P(StoreLists, dropping_a_family_leaves_its_root_listed) {
  put(what::add_root, first_, 1);
  commit_all(store_, {spec_of({first_, 0}, "spec"), drop_of(first_)});
  EXPECT_EQ(store_.root(first_), (root_entry{first_, 1, 0}));
}

TEST_P(StoreLists, notices_are_taken_once_each) {
  const key a{first_, 1};
  const key b{third_, ~std::uint64_t{0}};
  EXPECT_THAT(store_.take_notices(), IsEmpty());
  commit_all(store_, {notice_of(a), notice_of(b), notice_of(a)});
  EXPECT_THAT(store_.take_notices(), UnorderedElementsAre(a, b));
  EXPECT_THAT(store_.take_notices(), IsEmpty());
  commit_one(store_, notice_of(a));
  EXPECT_THAT(store_.take_notices(), ElementsAre(a));
}

TEST_P(StoreLists, a_notice_is_pending_until_it_is_taken) {
  const key a{first_, 1};
  EXPECT_FALSE(store_.notice_pending(a));
  commit_one(store_, notice_of(a));
  EXPECT_TRUE(store_.notice_pending(a));
  EXPECT_FALSE(store_.notice_pending({first_, 2}));
  store_.take_notices();
  EXPECT_FALSE(store_.notice_pending(a));
}

BANYAN_OVER_EACH_STORE(StoreLists);

}  // namespace
}  // namespace banyan::test
