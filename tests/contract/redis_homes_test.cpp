#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "tests/support/redis_masters.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* here = "00000000000000aa";
constexpr const char* there = "00000000000000bb";

detail::write home_of(const family_id& family, bytes incarnation) {
  return {what::home, family, 0, 0, std::move(incarnation)};
}

/// Where some of a family may run, as a Redis or a Redis Cluster keeps it.
class RedisHomes : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    if (GetParam()) cluster_.emplace();
    if (!GetParam()) server_.emplace();
    store_ = detail::open_store(cluster_ ? cluster_->url() : server_->url(), detail::open_mode::drive, "a test");
  }

  const family_id family_{1, 2};
  const family_id other_{1, 3};
  std::optional<redis_server> server_;
  std::optional<redis_masters> cluster_;
  std::unique_ptr<detail::store> store_;
};

TEST_P(RedisHomes, each_is_there_once_in_the_order_in_which_they_came) {
  EXPECT_THAT(store_->homes(family_), IsEmpty());
  commit_all(*store_, {home_of(family_, there), home_of(family_, here), home_of(other_, here)});
  commit_all(*store_, {home_of(family_, there), home_of(family_, here)});
  EXPECT_THAT(store_->homes(family_), ElementsAre(there, here));
  EXPECT_THAT(store_->homes(other_), ElementsAre(here));
}

TEST_P(RedisHomes, they_are_no_record) {
  commit_all(*store_, {home_of(family_, here)});
  EXPECT_THAT(scan_all(*store_, family_), IsEmpty());
  EXPECT_EQ(store_->load({family_, 0}), std::nullopt);
  commit_all(*store_, {spec_of({family_, 0}, "a"), home_of(family_, there), spec_of({family_, 1}, "b")});
  EXPECT_EQ(scan_all(*store_, family_).size(), 2u);
  EXPECT_THAT(store_->homes(family_), ElementsAre(here, there));
}

TEST_P(RedisHomes, they_go_with_the_family) {
  for (const auto end : {what::drop_family, what::expire_family}) {
    commit_all(*store_, {home_of(family_, here), spec_of({family_, 0}, "spec"), {end, family_, 0, 1, {}}});
    EXPECT_TRUE(wait_until([&] { return store_->homes(family_).empty(); }));
  }
}

INSTANTIATE_TEST_SUITE_P(In, RedisHomes, testing::Bool(),
                         [](const auto& i) { return i.param ? "a_cluster" : "a_server"; });

}  // namespace
}  // namespace banyan::test
