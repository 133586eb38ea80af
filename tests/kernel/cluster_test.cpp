#include <set>

#include "tests/kernel/cluster_work.hpp"

namespace banyan::test {
namespace {

int says_where() { return static_cast<int>(runs_on()); }
BANYAN_FUNCTION(says_where)

task<std::vector<int>> has_much_to_do(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn(works_somewhere));
  std::vector<int> places = co_await all(children);
  co_return places;
}
BANYAN_FUNCTION(has_much_to_do)

task<std::vector<int>> asks_where(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn({.placement = placement::spread()}, says_where));
  std::vector<int> places = co_await all(children);
  co_return places;
}
BANYAN_FUNCTION(asks_where)

task<int> asks_on(context& ctx, std::string node) {
  const future<int> child = ctx.spawn({.placement = placement::on(node)}, says_where);
  co_return co_await child;
}
BANYAN_FUNCTION(asks_on)

task<int> asks_role(context& ctx, std::string role) {
  const future<int> child = ctx.spawn({.placement = placement::role(role)}, says_where);
  co_return co_await child;
}
BANYAN_FUNCTION(asks_role)

task<int> spread_sum(context& ctx, int depth) {
  if (depth == 0) co_return 1;
  std::vector<future<int>> children;
  for (int i = 0; i < 10; ++i) {
    children.push_back(ctx.spawn({.placement = placement::spread()}, spread_sum, depth - 1));
  }
  int sum = 1;
  for (const int n : co_await all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(spread_sum)

int fails_there() { throw std::runtime_error("not today"); }
BANYAN_FUNCTION(fails_there)

task<int> child_fails_elsewhere(context& ctx, std::string node) {
  const future<int> child = ctx.spawn({.placement = placement::on(node)}, fails_there);
  co_return co_await child;
}
BANYAN_FUNCTION(child_fails_elsewhere)

std::atomic<int> sleepers{0};

struct counted_sleeper {
  counted_sleeper() { ++sleepers; }
  ~counted_sleeper() { --sleepers; }
};

task<int> sleeps_counted(context& ctx) {
  const counted_sleeper here;
  co_await ctx.sleep(1h);
  co_return 1;
}
BANYAN_FUNCTION(sleeps_counted)

task<int> spreads_sleepers(context& ctx, int depth) {
  std::vector<future<int>> children;
  for (int i = 0; i < 3; ++i) {
    if (depth > 0) {
      children.push_back(ctx.spawn({.placement = placement::spread()}, spreads_sleepers, depth - 1));
    } else {
      children.push_back(ctx.spawn({.placement = placement::spread()}, sleeps_counted));
    }
  }
  int sum = 0;
  for (const int n : co_await all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(spreads_sleepers)

std::atomic<int> starts{0};

int counts_its_start() { return ++starts; }
BANYAN_FUNCTION(counts_its_start)

task<int> never_stops(context& ctx, int depth) {
  ++starts;
  std::vector<future<int>> below;
  for (int i = 0; i < 3 && depth > 0; ++i) {
    below.push_back(ctx.spawn({.placement = placement::spread()}, never_stops, depth - 1));
  }
  for (;;) {
    const future<int> next = ctx.spawn({.placement = placement::spread()}, counts_its_start);
    co_await next;
  }
}
BANYAN_FUNCTION(never_stops)

task<int> waits_for_a_word(context& ctx) {
  const future<int> word = ctx.promise<int>("word");
  co_return co_await word;
}
BANYAN_FUNCTION(waits_for_a_word)

task<int> has_others_wait(context& ctx, std::string node) {
  const future<int> child = ctx.spawn({.placement = placement::on(node)}, waits_for_a_word);
  co_return co_await child;
}
BANYAN_FUNCTION(has_others_wait)

TEST_F(Cluster, nodes_find_each_other) {
  node("a");
  node("b");
  node("c");
  EXPECT_TRUE(await_connections());
}

TEST_F(Cluster, spreads_children_over_all_nodes) {
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  const std::vector<int> places = node("a").spawn(asks_where, 30).get_for(20s);
  EXPECT_EQ(std::set<int>(places.begin(), places.end()).size(), 3u);
  EXPECT_EQ(places.size(), 30u);
}

TEST_F(Cluster, runs_a_child_on_the_node_that_it_was_meant_for) {
  node("a");
  ASSERT_TRUE(node("b").engine());
  ASSERT_TRUE(await_connections());
  EXPECT_EQ(node("a").spawn(asks_on, "b").get_for(20s), static_cast<int>(node("b").engine()->id()));
  EXPECT_EQ(node("a").spawn(asks_on, "a").get_for(20s), static_cast<int>(node("a").engine()->id()));
}

TEST_F(Cluster, runs_a_root_on_the_node_that_it_was_meant_for) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  const int b = static_cast<int>(node("b").engine()->id());
  EXPECT_EQ(node("a").spawn({.placement = placement::on("b")}, says_where).get_for(20s), b);
  EXPECT_EQ(node("b").spawn({.placement = placement::on("b")}, says_where).get_for(20s), b);
}

TEST_F(Cluster, a_root_waits_until_a_node_with_its_role_comes) {
  const auto job = node("a").spawn({.placement = placement::role("gpu")}, says_where);
  EXPECT_FALSE(job.wait_for(100ms));
  runtime_options with_role = options_of("b");
  with_role.node.roles = {"gpu"};
  runtime& b = start(with_role);
  EXPECT_EQ(job.get_for(20s), static_cast<int>(b.engine()->id()));
}

TEST_F(Cluster, a_child_waits_visibly_until_a_node_with_its_role_comes) {
  const auto job = node("a").spawn(asks_role, "gpu");
  ASSERT_TRUE(wait_until([&] { return job.to_json(3).find("no node has the role gpu") != std::string::npos; }));
  runtime_options with_role = options_of("b");
  with_role.node.roles = {"gpu"};
  runtime& b = start(with_role);
  EXPECT_EQ(job.get_for(20s), static_cast<int>(b.engine()->id()));
}

TEST_F(Cluster, a_tree_over_many_nodes_comes_to_its_result) {
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  EXPECT_EQ(node("b").spawn(spread_sum, 3).get_for(60s), 1111);
}

TEST_F(Cluster, who_has_nothing_to_do_takes_children_that_wait_elsewhere) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  load(node("a"), 51);
  const std::vector<int> places = node("a").spawn(has_much_to_do, 400).get_for(60s);
  EXPECT_EQ(places.size(), 400u);
  EXPECT_GT(std::ranges::count(places, static_cast<int>(node("a").engine()->id())), 50);
  EXPECT_GT(std::ranges::count(places, static_cast<int>(node("b").engine()->id())), 50);
}

TEST_F(Cluster, who_has_nothing_to_do_takes_roots_that_wait_elsewhere) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  load(node("a"), 1);
  std::vector<future<int>> jobs;
  for (int i = 0; i < 200; ++i) jobs.push_back(node("a").spawn(works_somewhere));
  std::set<int> places;
  for (const future<int>& job : jobs) places.insert(job.get_for(60s));
  EXPECT_EQ(places.size(), 2u);
  EXPECT_TRUE(wait_until([&] { return std::ranges::all_of(node("b").roots(), &root_info::settled); }));
}

TEST_F(Cluster, a_failure_comes_back_from_another_node_with_its_origin) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  const auto job = node("a").spawn(child_fails_elsewhere, "b");
  try {
    job.get_for(20s);
    FAIL() << "it did not fail";
  } catch (const failure& e) {
    EXPECT_EQ(e.message(), "not today");
    EXPECT_EQ(e.info().function, "fails_there");
  }
}

TEST_F(Cluster, a_cancelled_tree_ends_on_all_nodes) {
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  const auto job = node("a").spawn(spreads_sleepers, 2);
  ASSERT_TRUE(wait_until([] { return sleepers == 27; }));
  EXPECT_TRUE(job.cancel());
  EXPECT_TRUE(wait_until([] { return sleepers == 0; }));
  EXPECT_TRUE(wait_until([&] { return node("b").roots().front().settled; }));
}

task<int> has_one_wait_elsewhere(context& ctx) {
  const future<int> child = ctx.spawn({.placement = placement::spread()}, waits_for_a_word);
  co_return co_await child;
}
BANYAN_FUNCTION(has_one_wait_elsewhere)

task<int> has_many_wait_elsewhere(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(ctx.spawn({.placement = placement::spread()}, has_one_wait_elsewhere));
  }
  int sum = 0;
  for (const int n : co_await all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(has_many_wait_elsewhere)

/// Each is told once: where each was told for each other one, this took a minute and gigabytes.
TEST_F(Cluster, a_wide_tree_is_cancelled_on_all_nodes) {
  constexpr int wide = 1000;
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  const auto job = node("a").spawn(has_many_wait_elsewhere, wide);
  const auto waiting = [&] {
    return std::ranges::count_if(job.children(), [](const auto& f) { return !f.children().empty(); });
  };
  ASSERT_TRUE(wait_until([&] { return waiting() == wide; }));
  EXPECT_TRUE(job.cancel());
  EXPECT_TRUE(wait_until([&] { return node("b").roots().front().settled; }));
}

TEST_F(Cluster, once_a_cancel_is_acknowledged_nothing_of_the_tree_starts_on_any_node) {
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  for (const char* from : {"a", "b"}) {
    starts = 0;
    const auto job = node("a").spawn(never_stops, 2);
    ASSERT_TRUE(wait_until([] { return starts > 200; }));
    EXPECT_TRUE(node(from).find<int>(job.key()).cancel());
    const int so_far = starts;
    EXPECT_TRUE(wait_until([&] { return std::ranges::all_of(node("a").roots(), &root_info::settled); }));
    EXPECT_EQ(starts, so_far);
  }
}

TEST_F(Cluster, a_result_given_on_one_node_reaches_who_waits_on_another) {
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  const auto job = node("a").spawn(has_others_wait, "b");
  ASSERT_TRUE(wait_until([&] { return !job.children().empty() && !job.children().front().children().empty(); }));
  const key word = job.children().front().children().front().key();
  EXPECT_TRUE(node("c").find<int>(word).set_value(12));
  EXPECT_EQ(node("b").find<int>(job.key()).get_for(20s), 12);
}

TEST_F(Cluster, a_drained_node_gets_nothing_new_until_it_is_wanted_again) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  auto& members = *node("a").engine()->data().backend().cluster();
  ASSERT_TRUE(members.set_draining("b", true));
  const auto places_of = [&] {
    const std::vector<int> places = node("a").spawn(asks_where, 20).get_for(20s);
    return std::set<int>(places.begin(), places.end());
  };
  EXPECT_TRUE(wait_until([&] { return places_of() == std::set<int>{static_cast<int>(node("a").engine()->id())}; }));
  ASSERT_TRUE(members.set_draining("b", false));
  EXPECT_TRUE(wait_until([&] { return places_of().size() == 2; }));
}

TEST_F(Cluster, who_leaves_hands_over_what_it_has_not_finished) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  const auto job = node("a").spawn({.id = "of a"}, has_others_wait, "b");
  ASSERT_TRUE(wait_until([&] { return !job.children().empty() && !job.children().front().children().empty(); }));
  const key word = job.children().front().children().front().key();
  const key root = job.key();
  stop("a");
  const auto seen_from_b = node("b").find<int>(root);
  node("b").find<int>(word).set_value(3);
  EXPECT_EQ(seen_from_b.get_for(20s), 3);
}

}  // namespace
}  // namespace banyan::test
