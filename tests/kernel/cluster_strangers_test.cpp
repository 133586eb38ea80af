#include <gmock/gmock.h>

#include "nodes/hello.hpp"
#include "persistence/membership.hpp"
#include "tests/kernel/cluster_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

int answers() { return 7; }
BANYAN_FUNCTION(answers)

task<int> asks_everywhere(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn({.placement = placement::spread()}, answers));
  int sum = 0;
  for (const int n : co_await all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(asks_everywhere)

/// Members of the store whom a node must not work with.
class ClusterStrangers : public Cluster {
 protected:
  /// Is listed in the store with `card`, and alive while the returned one lives.
  std::unique_ptr<detail::store> list(const std::string& name, const detail::node_card& card) {
    auto s = detail::open_store(redis().url(), detail::open_mode::drive, name);
    s->cluster()->announce(detail::encode_card(card));
    return s;
  }
  static detail::node_card card_of_another_protocol() {
    detail::node_card card = detail::own_card();
    card.version = "9.8.7";
    card.protocol += 1;
    return card;
  }
  static std::string newer() {
    return "the node newer is of Banyan 9.8.7 (protocol " + std::to_string(card_of_another_protocol().protocol) + ")";
  }
  static detail::node_card card_of_other_records() {
    detail::node_card card = detail::own_card();
    card.version = "9.8.7";
    card.records += 1;
    return card;
  }
  runtime_options options_of_another_cluster(const std::string& name) {
    runtime_options o = options_of(name);
    o.store = redis().url() + "?prefix=other";
    o.log = [this](log_level, std::string_view line) { log.add(line); };
    return o;
  }
  [[nodiscard]] bool is_said(const std::string& text) {
    return wait_until([&] { return log.contains(text); });
  }
  void expect_work_without_them(runtime& rt) {
    EXPECT_EQ(rt.spawn(asks_everywhere, 30).get_for(20s), 210);
    EXPECT_EQ(rt.spawn({.placement = placement::least_loaded()}, answers).get_for(20s), 7);
  }
};

TEST_F(ClusterStrangers, of_another_protocol_keep_a_node_from_joining) {
  const auto other = list("newer", card_of_another_protocol());
  const error e = thrown_by([&] { node("a"); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr(newer() + ", this one of Banyan"));
  EXPECT_THAT(e.message(), HasSubstr("they do not work together"));
}

TEST_F(ClusterStrangers, of_other_records_keep_a_node_from_joining) {
  const auto other = list("newer", card_of_other_records());
  EXPECT_THAT(
      thrown_by([&] { node("a"); }).message(),
      testing::ContainsRegex("the node newer is of Banyan 9.8.7 .protocol [0-9]+, records 2., this one of Banyan"));
}

TEST_F(ClusterStrangers, that_have_left_keep_nobody_from_joining) {
  list("newer", card_of_another_protocol())->close();
  expect_work_without_them(node("a"));
}

TEST_F(ClusterStrangers, of_another_version_that_come_later_are_told_and_get_no_work) {
  runtime& a = node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  const auto other = list("newer", card_of_another_protocol());
  ASSERT_TRUE(is_said(newer()));
  expect_work_without_them(a);
}

TEST_F(ClusterStrangers, whose_words_cannot_be_read_are_told_and_get_no_work) {
  runtime& a = node("a");
  node("c");
  ASSERT_TRUE(await_connections());
  const auto babel = detail::open_store(redis().url(), detail::open_mode::drive, "babel");
  babel->cluster()->announce("no card");
  ASSERT_TRUE(is_said("the node babel is left alone: what a node says of itself cannot be read"));
  expect_work_without_them(a);
  const std::vector<node_info> all = a.nodes();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].name, "babel");
  EXPECT_EQ(all[1].version, "unknown");
  EXPECT_TRUE(all[2].connected);
}

TEST_F(ClusterStrangers, of_another_prefix_of_one_redis_are_never_met) {
  runtime& a = node("a");
  runtime_options o = options_of_another_cluster("b");
  o.node.roles = {"gpu"};
  runtime b(o);
  EXPECT_EQ(a.nodes().size(), 1u);
  EXPECT_EQ(b.nodes().size(), 1u);
  const auto job = a.spawn({.placement = placement::role("gpu")}, answers);
  expect_work_without_them(a);
  expect_work_without_them(b);
  EXPECT_FALSE(job.wait_for(0ms));
  EXPECT_EQ(thrown_by([&] { b.find<int>(job.key()); }).code(), errc::not_found);
}

TEST_F(ClusterStrangers, of_another_cluster_at_the_address_of_a_lost_node_are_refused) {
  runtime b(options_of_another_cluster("b"));
  detail::node_card card = detail::own_card();
  card.address = b.nodes().front().address;
  const auto lost = list("z", card);
  // Who listens at the address of z says that it is b.
  expect_work_without_them(node("a"));
  EXPECT_TRUE(is_said("is no node of this cluster"));
  EXPECT_EQ(node("a").nodes().back().name, "z");
  EXPECT_FALSE(node("a").nodes().back().connected);
}

}  // namespace
}  // namespace banyan::test
