#include "tests/kernel/cluster_processes.hpp"
#include "tests/kernel/cluster_work.hpp"

/// Parents and who gives them children, on different nodes.
namespace banyan::test {
namespace {

int given_number(int n) { return n; }
BANYAN_FUNCTION(given_number)

int add_given(int a, int b) { return a + b; }
BANYAN_FUNCTION(add_given)

/// Ends without a result once it is told that it has all of its children.
task<int> takes_children(context& ctx) {
  ctx.publish(true);
  co_await ctx.receive<bool>("that is all");
  co_return pending;
}
BANYAN_FUNCTION(takes_children)

task<int> has_a_parent_on(context& ctx, std::string node) {
  const future<int> child =
      ctx.spawn({.on_all_children_success = combine(0, add_given), .placement = placement::on(node)}, takes_children);
  ctx.publish(child.key());
  co_return co_await child;
}
BANYAN_FUNCTION(has_a_parent_on)

/// Spawns a child on a node when it is told which.
task<int> spawns_where_told(context& ctx) {
  const auto name = co_await ctx.receive<std::string>("node");
  const future<int> child = ctx.spawn({.placement = placement::on(name)}, given_number, 5);
  co_return co_await child;
}
BANYAN_FUNCTION(spawns_where_told)

class ClusterAdopting : public Cluster {
 protected:
  /// The key of a future that runs on `name`, below a root on a.
  key parent_on(const std::string& name) {
    root_ = node("a").spawn(has_a_parent_on, name);
    EXPECT_TRUE(wait_until([&] { return root_.published<key>().has_value(); }));
    return *root_.published<key>();
  }
  future<int> root_;
};

TEST_F(ClusterAdopting, a_parent_on_another_node_takes_children_that_run_on_any) {
  for (const char* name : {"a", "b", "c"}) node(name);
  ASSERT_TRUE(await_connections());
  const key parent = parent_on("b");
  int n = 1;
  for (const char* from : {"a", "b", "c"}) {
    for (const char* to : {"a", "b", "c"}) {
      const auto child = node(from).adopt(parent, {.placement = placement::on(to)}, given_number, n);
      EXPECT_EQ(child.get_for(20s), n) << from << " for " << to;
      n *= 2;
    }
  }
  const auto f = node("c").find<int>(parent);
  EXPECT_EQ(f.children().size(), 9u);
  EXPECT_FALSE(f.ready());
  EXPECT_TRUE(f.send("that is all", true));
  EXPECT_EQ(root_.get_for(20s), 511);
}

TEST_F(ClusterAdopting, a_parent_on_another_node_is_settled_after_what_it_was_given) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const key parent = parent_on("b");
  const auto child = node("a").adopt(parent, {.placement = placement::on("a")}, takes_children);
  const auto f = node("a").find<int>(parent);
  EXPECT_TRUE(f.send("that is all", true));
  node("a").find<int>(parent).cancel();
  EXPECT_THROW(child.get_for(20s), cancelled);
  EXPECT_THROW(root_.get_for(20s), failure);
}

TEST_F(ClusterAdopting, children_of_both_kinds_run_beside_each_other_elsewhere) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const auto f = node("a").spawn(spawns_where_told);
  const auto given = node("a").adopt(f.key(), {.placement = placement::on("b")}, takes_children);
  ASSERT_TRUE(wait_until([&] { return given.published<bool>().has_value(); }));
  EXPECT_TRUE(f.send("node", std::string("b")));
  EXPECT_EQ(f.get_for(20s), 5);
  EXPECT_FALSE(given.ready());
  EXPECT_TRUE(given.cancel());
}

TEST_F(ClusterAdopting, a_parent_that_has_moved_has_its_children_still) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const key parent = parent_on("b");
  const auto done = node("a").adopt(parent, given_number, 1);
  EXPECT_EQ(done.get_for(20s), 1);
  const auto open = node("a").adopt(parent, {.on_all_children_success = combine(10, add_given)}, takes_children);
  ASSERT_TRUE(wait_until([&] { return open.published<bool>().has_value(); }));
  stop("b");
  node("b");
  ASSERT_TRUE(await_connections());
  EXPECT_EQ(node("a").adopt(parent, given_number, 100).get_for(20s), 100);
  EXPECT_TRUE(node("a").find_handle(open.key()).send("that is all", true));
  EXPECT_TRUE(node("a").find_handle(parent).send("that is all", true));
  EXPECT_EQ(root_.get_for(20s), 111);
}

TEST_F(ClusterAdopting, programs_that_share_a_store_and_are_no_nodes_give_each_other_children) {
  runtime one{{.store = redis().url(), .name = "one"}};
  runtime two{{.store = redis().url(), .name = "two"}};
  const auto f = one.spawn({.on_all_children_success = combine(0, add_given)}, takes_children);
  EXPECT_EQ(two.adopt(f.key(), given_number, 20).get_for(20s), 20);
  EXPECT_EQ(one.adopt(f.key(), given_number, 3).get_for(20s), 3);
  EXPECT_TRUE(two.find_handle(f.key()).send("that is all", true));
  EXPECT_EQ(f.get_for(20s), 23);
  EXPECT_EQ(code_of([&] { two.adopt(f.key(), given_number, 20); }), errc::invalid_argument);
}

/// A future is given children by a node, and a node is killed meanwhile.
class ClusterAdoptKill : public ClusterProcesses {
 protected:
  static constexpr int count = 300;

  std::string order(const std::string& id) const override { return "given " + id + " 0"; }

  void adopt_from(const std::string& name) { node(name).say("adopt job " + std::to_string(count)); }

  /// `again`: who gives it children then.
  void kill_and_expect(const std::vector<std::string>& victims, const std::string& again) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      adopt_from("b");
      wait_for_the_moment(count);
      kill(victims);
      if (again != "b") adopt_from(again);
      expect_result(static_cast<long>(count));
      EXPECT_EQ(node(again).hear(), "adopted");
    }
  }
};

TEST_F(ClusterAdoptKill, of_the_parent_s_node_loses_and_doubles_no_child) { kill_and_expect({"a"}, "b"); }

TEST_F(ClusterAdoptKill, of_who_gives_it_children_loses_and_doubles_no_child) { kill_and_expect({"b"}, "c"); }

TEST_F(ClusterAdoptKill, of_both_loses_and_doubles_no_child) { kill_and_expect({"a", "b"}, "c"); }

}  // namespace
}  // namespace banyan::test
