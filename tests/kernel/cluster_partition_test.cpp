#include <functional>

#include "tests/kernel/cluster_processes.hpp"
#include "tests/support/free_ports.hpp"
#include "tests/support/test_network.hpp"

namespace banyan::test {
namespace {

/// Three nodes, each on a machine of its own, and a Redis on another.
class ClusterPartition : public ClusterProcesses {
 protected:
  void SetUp() override {
    ClusterProcesses::SetUp();
    if (!test_network::available()) GTEST_SKIP() << "NO RIGHT TO MAKE NETWORK NAMESPACES: NOTHING IS TESTED HERE";
    network_.emplace(std::vector<std::string>{"a", "b", "c"});
  }

  std::vector<std::string> server_arguments() const override {
    return {"--appendonly",     "yes", "--port", std::to_string(port_), "--bind", network_->here(),
            "--protected-mode", "no"};
  }
  std::vector<std::string> command(const std::string& name) const override {
    return network_->on(
        name, {CLUSTER_JOB, name, "redis://" + network_->here() + ":" + std::to_string(port_) + "?command_timeout=1000",
               notes_, lease_ms, network_->address(name) + ":0"});
  }

  using way = std::pair<std::string, std::string>;  ///< from a machine to an address
  std::vector<way> from_redis() const { return {{"b", network_->here()}}; }
  std::vector<way> from_peers() const {
    return {{"b", network_->address("a")},
            {"b", network_->address("c")},
            {"a", network_->address("b")},
            {"c", network_->address("b")}};
  }
  static std::vector<way> both(std::vector<way> x, const std::vector<way>& y) {
    x.insert(x.end(), y.begin(), y.end());
    return x;
  }

  void cut(const std::vector<way>& ways) {
    for (const auto& [from, to] : ways) network_->cut(from, to);
  }
  void heal(const std::vector<way>& ways) {
    for (const auto& [from, to] : ways) network_->heal(from, to);
  }

  /// Waits until a node is connected to so many, with itself.
  void expect_connected(const std::string& name, int count) {
    node(name).say("meet " + std::to_string(count));
    EXPECT_EQ(node(name).hear(), "met") << name;
  }

  /// `shows`: waits until the fault has had its effect.
  void cut_and_expect(const std::vector<way>& ways, const std::function<void()>& shows) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      wait_for_the_moment();
      cut(ways);
      shows();
      heal(ways);
      expect_right_result();
      expect_all_ran();
      for (const char* name : {"a", "b", "c"}) expect_connected(name, 3);
      for (const auto& [name, n] : nodes_) EXPECT_EQ(n->end(), 0) << name;
    }
  }

  const int port_ = free_ports(1).front();
  std::optional<test_network> network_;
};

TEST_F(ClusterPartition, from_redis_ends_no_tree) {
  cut_and_expect(from_redis(), [&] { EXPECT_TRUE(wait_until([&] { return !is_alive("b"); })); });
}

TEST_F(ClusterPartition, from_the_other_nodes_ends_no_tree) {
  cut_and_expect(from_peers(), [&] {
    expect_connected("b", 1);
    expect_connected("a", 2);
    EXPECT_TRUE(is_alive("b"));
  });
}

TEST_F(ClusterPartition, from_the_other_nodes_holds_up_no_tree_while_it_lasts) {
  begin();
  wait_for_the_moment();
  cut(from_peers());
  expect_right_result();
  EXPECT_TRUE(is_alive("b"));
  heal(from_peers());
  expect_all_ran();
  for (const char* name : {"a", "b", "c"}) expect_connected(name, 3);
}

TEST_F(ClusterPartition, from_the_other_nodes_holds_up_no_end) {
  begin();
  wait_for_the_moment();
  cut(from_peers());
  for (const auto& [name, n] : nodes_) EXPECT_EQ(n->end(), 0) << name;
}

TEST_F(ClusterPartition, from_everything_ends_no_tree) {
  cut_and_expect(both(from_redis(), from_peers()), [&] {
    EXPECT_TRUE(wait_until([&] { return !is_alive("b"); }));
    expect_connected("a", 2);
  });
}

TEST_F(ClusterPartition, in_one_direction_ends_no_tree) {
  cut_and_expect({{"b", network_->address("a")}}, [&] { expect_connected("a", 2); });
}

}  // namespace
}  // namespace banyan::test
