#include "persistence/membership.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/support/child_process.hpp"
#include "tests/support/redis_masters.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::member;
using detail::open_mode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Several drivers of one store, which may be a Redis Cluster. The parameter says so.
class RedisMembership : public testing::TestWithParam<bool> {
 protected:
  using store_ptr = std::unique_ptr<detail::store>;

  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    if (GetParam()) cluster_.emplace();
    if (!GetParam()) server_.emplace();
  }

  std::string url(const std::string& options = {}) const {
    return (cluster_ ? cluster_->url() : server_->url()) + options;
  }
  store_ptr open(const std::string& name, open_mode mode = open_mode::drive, const std::string& options = {}) const {
    return detail::open_store(url(options), mode, name);
  }
  static void add(detail::store& s, const family_id& root) { commit_one(s, {what::add_root, root, 0, 1000, {}}); }
  static detail::write change(what kind, const family_id& root) { return {kind, root, 0, 2000, {}}; }
  /// Roots that a driver leaves which ends in good order.
  void leave_roots(const std::string& name, std::initializer_list<family_id> roots) const {
    const store_ptr s = open(name);
    for (const family_id& root : roots) add(*s, root);
    s->close();
  }
  static std::vector<std::string> names(detail::store& s) {
    std::vector<std::string> all;
    for (const member& m : s.cluster()->members()) all.push_back(m.name + (m.alive ? " alive" : " dead"));
    return all;
  }

  const family_id root_{1, 1};
  const family_id second_{1, 2};
  const key child_{{1, 1}, 0};
  std::optional<redis_server> server_;
  std::optional<redis_masters> cluster_;
};

TEST_P(RedisMembership, a_node_is_listed_with_what_it_says_of_itself) {
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  EXPECT_THAT(a->cluster()->members(), IsEmpty());
  b->cluster()->announce("first");
  b->cluster()->announce(bytes("a b\0\n", 5));
  a->cluster()->announce("");
  const auto all = open("", open_mode::read)->cluster()->members();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "a");
  EXPECT_EQ(all[0].about, "");
  EXPECT_EQ(all[1].name, "b");
  EXPECT_EQ(all[1].about, bytes("a b\0\n", 5));
  EXPECT_EQ(all[1].incarnation, b->cluster()->incarnation());
  EXPECT_TRUE(all[1].alive);
  EXPECT_FALSE(all[1].draining);
  EXPECT_GT(all[1].lease_left.count(), 0);
  EXPECT_NE(all[0].incarnation, all[1].incarnation);
}

TEST_P(RedisMembership, a_node_that_leaves_is_not_listed_and_one_that_ends_is_not_alive) {
  const store_ptr a = open("a");
  store_ptr b = open("b");
  a->cluster()->announce("");
  b->cluster()->announce("");
  EXPECT_THAT(names(*a), ElementsAre("a alive", "b alive"));
  b->close();
  EXPECT_THAT(names(*a), ElementsAre("a alive", "b dead"));
  EXPECT_EQ(a->cluster()->members()[1].lease_left.count(), 0);
  b = open("b");
  EXPECT_THAT(names(*a), ElementsAre("a alive", "b dead"));
  b->cluster()->announce("");
  EXPECT_THAT(names(*a), ElementsAre("a alive", "b alive"));
  EXPECT_TRUE(a->cluster()->leave());
  EXPECT_THAT(names(*a), ElementsAre("b alive"));
}

TEST_P(RedisMembership, what_is_left_for_an_incarnation_reaches_it_alone_and_once) {
  const store_ptr a = open("a");
  store_ptr b = open("b");
  const detail::incarnation_id to = b->cluster()->incarnation();
  a->cluster()->post(to, bytes("one\0\n", 5));
  a->cluster()->post(to, "two");
  EXPECT_THAT(a->cluster()->take_posts(), IsEmpty());
  const auto posts = b->cluster()->take_posts();
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_EQ(posts[0].from, a->cluster()->incarnation());
  EXPECT_EQ(posts[0].message, bytes("one\0\n", 5));
  EXPECT_EQ(posts[1].message, "two");
  EXPECT_THAT(b->cluster()->take_posts(), IsEmpty());
  a->cluster()->post(to, "three");
  b->close();
  b = open("b");
  EXPECT_THAT(b->cluster()->take_posts(), IsEmpty());
}

TEST_P(RedisMembership, of_many_messages_for_one_that_does_not_look_the_latest_are_kept) {
  const store_ptr a = open("a");
  for (int i = 0; i < 300; ++i) a->cluster()->post(a->cluster()->incarnation(), std::to_string(i));
  const auto posts = a->cluster()->take_posts();
  ASSERT_EQ(posts.size(), 100u);
  EXPECT_EQ(posts.back().message, "299");
}

TEST_P(RedisMembership, a_node_of_this_machine_that_was_killed_is_not_alive_and_loses_its_roots) {
  // Not closed: its lease is there for ten minutes.
  in_child([this] {
    const auto s = detail::open_store(url(), open_mode::drive, "b", {.lease = std::chrono::minutes(10)});
    s->cluster()->announce("");
    add(*s, root_);
    ::_exit(0);
    return std::string();
  });
  const store_ptr a = open("a");
  EXPECT_THAT(names(*a), ElementsAre("b dead"));
  EXPECT_TRUE(a->cluster()->take_root(root_, "b"));
  EXPECT_TRUE(a->cluster()->forget("b"));
}

TEST_P(RedisMembership, an_operators_wish_that_a_node_leaves_holds_until_it_is_started_again) {
  store_ptr a = open("a");
  const store_ptr operators = open("", open_mode::outside);
  EXPECT_FALSE(operators->cluster()->set_draining("a", true));
  a->cluster()->announce("one");
  EXPECT_TRUE(operators->cluster()->set_draining("a", true));
  a->cluster()->announce("two");
  EXPECT_TRUE(a->cluster()->members()[0].draining);
  EXPECT_EQ(a->cluster()->members()[0].about, "two");
  EXPECT_TRUE(operators->cluster()->set_draining("a", false));
  EXPECT_FALSE(a->cluster()->members()[0].draining);
  operators->cluster()->set_draining("a", true);
  a->close();
  a = open("a");
  a->cluster()->announce("three");
  EXPECT_FALSE(a->cluster()->members()[0].draining);
}

TEST_P(RedisMembership, a_member_is_forgotten_that_is_not_alive_and_drives_nothing) {
  const store_ptr a = open("a");
  store_ptr b = open("b");
  b->cluster()->announce("");
  add(*b, root_);
  EXPECT_FALSE(a->cluster()->forget("nobody"));
  EXPECT_FALSE(a->cluster()->forget("b"));
  b->close();
  EXPECT_FALSE(a->cluster()->forget("b"));
  EXPECT_TRUE(a->cluster()->take_root(root_, "b"));
  EXPECT_TRUE(a->cluster()->forget("b"));
  EXPECT_THAT(a->cluster()->members(), IsEmpty());
}

TEST_P(RedisMembership, the_root_of_a_dead_driver_is_taken_and_driven) {
  leave_roots("b", {root_, second_});
  const store_ptr a = open("a");
  EXPECT_THAT(a->cluster()->roots_of("b", 10), UnorderedElementsAre(root_, second_));
  EXPECT_EQ(a->cluster()->roots_of("b", 1).size(), 1u);
  EXPECT_FALSE(a->cluster()->take_root(root_, "c"));
  EXPECT_TRUE(a->cluster()->take_root(root_, "b"));
  EXPECT_TRUE(a->cluster()->take_root(root_, "b"));  // as one whose answer was lost
  EXPECT_THAT(a->roots(true), ElementsAre(detail::root_entry{root_, 1000, 0}));
  EXPECT_THAT(a->cluster()->roots_of("b", 10), ElementsAre(second_));
  commit_one(*a, change(what::settle_root, root_));
  EXPECT_EQ(a->root(root_)->settled, 2000);
  EXPECT_FALSE(a->cluster()->take_root(root_, "b"));
}

TEST_P(RedisMembership, the_root_of_who_is_alive_is_not_taken) {
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  add(*b, root_);
  EXPECT_FALSE(a->cluster()->take_root(root_, "b"));
  EXPECT_THAT(b->roots(true), ElementsAre(detail::root_entry{root_, 1000, 0}));
  EXPECT_THAT(a->roots(true), IsEmpty());
}

TEST_P(RedisMembership, of_two_who_take_a_root_at_once_one_succeeds) {
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  std::vector<family_id> roots;
  for (std::uint64_t i = 0; i < 200; ++i) roots.push_back({7, i});
  {
    const store_ptr dead = open("dead");
    for (const family_id& root : roots) add(*dead, root);
    dead->close();
  }
  int by_a = 0;
  int by_b = 0;
  const auto take_all = [&](detail::store& s, int& count) {
    for (const family_id& root : roots) count += s.cluster()->take_root(root, "dead");
  };
  std::thread other([&] { take_all(*b, by_b); });
  take_all(*a, by_a);
  other.join();
  EXPECT_EQ(by_a + by_b, 200);
  EXPECT_EQ(a->roots(true).size(), static_cast<std::size_t>(by_a));
  EXPECT_EQ(b->roots(true).size(), static_cast<std::size_t>(by_b));
  EXPECT_THAT(a->cluster()->roots_of("dead", 1000), IsEmpty());
}

TEST_P(RedisMembership, who_drives_a_root_gives_it_to_another) {
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  a->cluster()->announce("");
  b->cluster()->announce("");
  add(*a, root_);
  EXPECT_FALSE(b->cluster()->give_root(root_, "c"));
  EXPECT_TRUE(a->cluster()->give_root(root_, "b"));
  EXPECT_FALSE(a->cluster()->give_root(root_, "c"));
  EXPECT_FALSE(a->cluster()->give_root(second_, "b"));
  EXPECT_THAT(a->roots(true), IsEmpty());
  EXPECT_THAT(b->roots(true), ElementsAre(detail::root_entry{root_, 1000, 0}));
}

TEST_P(RedisMembership, nobody_is_given_a_root_who_is_not_there_or_is_to_leave) {
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  add(*a, root_);
  EXPECT_FALSE(a->cluster()->give_root(root_, "b"));
  b->cluster()->announce("");
  ASSERT_TRUE(a->cluster()->set_draining("b", true));
  EXPECT_FALSE(a->cluster()->give_root(root_, "b"));
  ASSERT_TRUE(a->cluster()->set_draining("b", false));
  EXPECT_TRUE(a->cluster()->give_root(root_, "b"));
}

TEST_P(RedisMembership, nobody_leaves_who_drives_something) {
  const store_ptr a = open("a");
  a->cluster()->announce("");
  add(*a, root_);
  EXPECT_FALSE(a->cluster()->leave());
  EXPECT_THAT(names(*a), ElementsAre("a alive"));
  ASSERT_TRUE(a->cluster()->give_root(root_, ""));
  EXPECT_TRUE(a->cluster()->leave());
  EXPECT_THAT(names(*a), IsEmpty());
}

TEST_P(RedisMembership, what_is_added_from_outside_waits_for_any_driver) {
  const store_ptr outside = open("", open_mode::outside);
  const store_ptr a = open("a");
  add(*outside, root_);
  add(*outside, second_);
  EXPECT_THAT(a->roots(true), IsEmpty());
  EXPECT_EQ(a->roots(false).size(), 2u);
  EXPECT_THAT(a->cluster()->roots_of("", 10), UnorderedElementsAre(root_, second_));
  commit_one(*a, change(what::settle_root, root_));
  EXPECT_EQ(a->root(root_)->settled, 0);
  EXPECT_TRUE(a->cluster()->take_root(root_, ""));
  commit_one(*outside, change(what::drop_root, root_));
  EXPECT_EQ(a->roots(true).size(), 1u);
  commit_one(*a, change(what::drop_root, second_));
  EXPECT_EQ(a->root(second_), std::nullopt);
  EXPECT_TRUE(a->cluster()->give_root(root_, ""));
  EXPECT_THAT(a->cluster()->roots_of("", 10), ElementsAre(root_));
}

TEST_P(RedisMembership, who_writes_a_root_that_waits_drives_it) {
  const store_ptr outside = open("", open_mode::outside);
  const store_ptr a = open("a");
  add(*outside, root_);
  commit_all(*a, {{what::add_root, root_, 0, 3000, {}}, spec_of(child_, "spec")});
  EXPECT_THAT(a->roots(true), ElementsAre(detail::root_entry{root_, 3000, 0}));
  EXPECT_THAT(a->cluster()->roots_of("", 10), IsEmpty());
}

TEST_P(RedisMembership, a_notice_for_a_driver_whose_root_was_taken_reaches_who_took_it) {
  leave_roots("b", {root_, second_});
  const store_ptr a = open("a");
  const store_ptr outside = open("", open_mode::outside);
  ASSERT_TRUE(a->cluster()->take_root(second_, "b"));
  // As by who looked the driver up before.
  commit_one(*outside, notice_of(child_));
  ASSERT_TRUE(a->cluster()->take_root(root_, "b"));
  EXPECT_THAT(a->take_notices(), ElementsAre(child_));
  EXPECT_THAT(a->take_notices(), ElementsAre(child_));
  // It is passed on by who comes back and finds it.
  const store_ptr b = open("b");
  EXPECT_THAT(b->take_notices(), IsEmpty());
  EXPECT_THAT(a->take_notices(), ElementsAre(child_));
  EXPECT_THAT(a->take_notices(), IsEmpty());
}

TEST_P(RedisMembership, a_notice_of_a_root_that_waits_reaches_who_takes_it) {
  const store_ptr outside = open("", open_mode::outside);
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  add(*outside, root_);
  commit_one(*outside, notice_of(child_));
  EXPECT_TRUE(outside->notice_pending(child_));
  EXPECT_THAT(b->take_notices(), IsEmpty());
  ASSERT_TRUE(a->cluster()->take_root(root_, ""));
  EXPECT_THAT(a->take_notices(), ElementsAre(child_));
}

TEST_P(RedisMembership, a_notice_of_a_root_that_was_given_away_is_passed_on) {
  const store_ptr a = open("a");
  const store_ptr b = open("b");
  add(*a, root_);
  commit_one(*b, notice_of(child_));
  b->cluster()->announce("");
  ASSERT_TRUE(a->cluster()->give_root(root_, "b"));
  EXPECT_THAT(b->take_notices(), IsEmpty());
  EXPECT_THAT(a->take_notices(), IsEmpty());
  EXPECT_THAT(b->take_notices(), ElementsAre(child_));
}

TEST_P(RedisMembership, who_is_no_driver_is_no_node) {
  const store_ptr outside = open("", open_mode::outside);
  const store_ptr reader = open("", open_mode::read);
  EXPECT_EQ(outside->cluster()->incarnation(), 0u);
  EXPECT_EQ(thrown_by([&] { outside->cluster()->announce(""); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([&] { outside->cluster()->take_root(root_, ""); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([&] { outside->cluster()->give_root(root_, "a"); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([&] { reader->cluster()->announce(""); }).code(), errc::store_read_only);
  EXPECT_EQ(thrown_by([&] { reader->cluster()->forget("a"); }).code(), errc::store_read_only);
  EXPECT_EQ(thrown_by([&] { open(""); }).code(), errc::invalid_argument);
}

TEST_P(RedisMembership, stores_of_two_prefixes_do_not_meet) {
  const store_ptr a = open("a");
  const store_ptr other = open("a", open_mode::drive, "?prefix=other");
  a->cluster()->announce("");
  add(*a, root_);
  EXPECT_THAT(other->cluster()->members(), IsEmpty());
  EXPECT_THAT(other->cluster()->roots_of("a", 10), IsEmpty());
  EXPECT_FALSE(other->cluster()->take_root(root_, "a"));
}

TEST(Incarnation, is_read_back_from_its_sixteen_digits) {
  for (const detail::incarnation_id id : {std::uint64_t{0}, std::uint64_t{0xab}, ~std::uint64_t{0}}) {
    EXPECT_EQ(detail::incarnation_in(detail::incarnation_text(id)), id);
    EXPECT_EQ(detail::incarnation_text(id).size(), 16u);
  }
  for (const char* text : {"", "ab", "00000000000000ag", "00000000000000ab0", "-000000000000001"}) {
    EXPECT_EQ(detail::incarnation_in(text), std::nullopt) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(In, RedisMembership, testing::Bool(),
                         [](const auto& i) { return i.param ? "a_cluster" : "a_server"; });

}  // namespace
}  // namespace banyan::test
