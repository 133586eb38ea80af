#include "tests/kernel/cluster_processes.hpp"
#include "tests/kernel/cluster_work.hpp"

/// Trees with budgets on several nodes.
namespace banyan::test {
namespace {

int runs_where() { return static_cast<int>(runs_on()); }
BANYAN_FUNCTION(runs_where)

task<std::vector<int>> spreads_within_a_budget(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn({.placement = placement::spread()}, runs_where));
  std::vector<int> places = co_await all(children);
  places.push_back(static_cast<int>(runs_on()));
  co_return places;
}
BANYAN_FUNCTION(spreads_within_a_budget)

task<std::vector<int>> gives_a_budget_elsewhere(context& ctx, std::string name, int count) {
  const banyan::options opts{.placement = placement::on(name), .budget = {.descendants = count}};
  const future<std::vector<int>> child = ctx.spawn(opts, spreads_within_a_budget, count);
  co_return co_await child;
}
BANYAN_FUNCTION(gives_a_budget_elsewhere)

/// Makes so many children, waits, and tries to make one more.
task<int> spends_on_two_nodes(context& ctx, int count) {
  for (int i = 0; i < count; ++i) ctx.spawn(runs_where);
  const int extra = co_await ctx.receive<int>("try");
  try {
    for (int i = 0; i < extra; ++i) ctx.spawn(runs_where);
  } catch (const error& e) {
    co_return e.code() == errc::budget_exceeded ? -1 : -2;
  }
  co_return extra;
}
BANYAN_FUNCTION(spends_on_two_nodes)

TEST_F(Cluster, what_is_below_a_budget_stays_on_the_node_of_its_future) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const auto all_on = [](const std::vector<int>& places, runtime& rt) {
    const auto id = static_cast<int>(rt.engine()->id());
    return std::ranges::all_of(places, [id](int place) { return place == id; });
  };
  const auto here = node("a").spawn({.budget = {.descendants = 20}}, spreads_within_a_budget, 20);
  EXPECT_TRUE(all_on(here.get_for(20s), node("a")));
  const auto there = node("a").spawn(gives_a_budget_elsewhere, "b", 20);
  EXPECT_TRUE(all_on(there.get_for(20s), node("b")));
}

TEST_F(Cluster, who_takes_over_a_tree_with_a_budget_counts_it_anew) {
  for (const int extra : {1, 2}) {
    node("a");
    node("b");
    ASSERT_TRUE(await_connections());
    const auto f = node("a").spawn({.budget = {.descendants = 6}}, spends_on_two_nodes, 5);
    ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
    const key k = f.key();
    stop("a");
    ASSERT_TRUE(wait_until([&] { return node("b").find_handle(k).send("try", extra); }));
    EXPECT_EQ(node("b").find<int>(k).get_for(30s), extra == 1 ? 1 : -1);
  }
}

class ClusterBudgetKill : public ClusterProcesses {
 protected:
  static constexpr int count = 500;

  std::string order(const std::string& id) const override { return "spend " + id + " " + std::to_string(count); }
};

TEST_F(ClusterBudgetKill, of_the_node_of_the_tree_leaves_it_what_it_may_still_make) {
  for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
    begin();
    if (HasFatalFailure()) return;
    wait_for_the_moment(count);
    kill({"a"});
    expect_result(static_cast<long>(count));
  }
}

}  // namespace
}  // namespace banyan::test
