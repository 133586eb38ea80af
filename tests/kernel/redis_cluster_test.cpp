#include <fstream>

#include "tests/kernel/redis_fixture.hpp"
#include "tests/support/free_ports.hpp"
#include "tests/support/run_program.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

constexpr int depth = 4;
constexpr int leaves = 1024;

program_end redis_cli(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/bin/redis-cli");
  return run_program(arguments);
}

/// Three masters and a replica of each.
class RedisClusters : public RedisServers {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    ports_ = free_ports(6);
    std::vector<std::string> create{"--cluster", "create"};
    for (const int port : ports_) {
      nodes_.push_back(std::make_unique<redis_server>(
          std::vector<std::string>{"--port", std::to_string(port), "--cluster-enabled", "yes", "--cluster-node-timeout",
                                   "1000", "--appendonly", "yes", "--bind", "127.0.0.1"}));
      create.push_back(address(nodes_.size() - 1));
    }
    create.insert(create.end(), {"--cluster-replicas", "1", "--cluster-yes"});
    const program_end made = redis_cli(create);
    ASSERT_EQ(made.code, 0) << made.out << made.err;
    ASSERT_TRUE(wait_until([this] {
      return std::ranges::all_of(nodes_, [](const auto& n) {
        return n->ask({"CLUSTER", "INFO"}).find("cluster_state:ok") != std::string::npos;
      });
    }));
    // A replica that has not copied anything yet cannot follow its master.
    ASSERT_TRUE(wait_until([this] {
      return std::ranges::all_of(std::span(nodes_).subspan(3), [](const auto& n) {
        return n->ask({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
      });
    }));
  }

  /// Says whose fault it may be.
  void TearDown() override {
    if (!HasFailure()) return;
    for (const std::size_t i : {0, 2, 4})
      std::cout << redis_cli({"-p", std::to_string(ports_[i]), "CLUSTER", "NODES"}).out;
  }

  long number_in_replication(std::size_t node, const std::string& field) {
    const std::string info = nodes_[node]->ask({"INFO", "replication"});
    const auto at = info.find(field);
    return at == std::string::npos ? -1 : std::stol(info.substr(at + field.size()));
  }
  bool replica_has(std::size_t master, long offset) { return number_in_replication(master, ",offset=") >= offset; }

  std::string address(std::size_t node) const { return "127.0.0.1:" + std::to_string(ports_[node]); }
  std::string url(std::size_t node) const { return "redis://" + address(node) + "?command_timeout=1000"; }

  std::vector<int> ports_;
  std::vector<std::unique_ptr<redis_server>> nodes_;
};

TEST_F(RedisClusters, a_tree_lies_on_all_masters_and_is_found_again_by_any_of_them) {
  key job;
  {
    runtime rt{options(url(0))};
    const auto f = rt.spawn(tree_of_four, depth);
    job = f.key();
    EXPECT_EQ(f.get_for(60s), leaves);
  }
  for (int i = 0; i < 3; ++i) EXPECT_GT(std::stoi(nodes_[i]->ask({"DBSIZE"})), 50) << i;
  runtime again{options(url(2))};
  EXPECT_EQ(again.find<int>(job).get_for(20s), leaves);
  EXPECT_EQ(again.find<int>(job).children().size(), 4u);
  again.forget(job);
  for (int i = 0; i < 3; ++i) EXPECT_LT(std::stoi(nodes_[i]->ask({"DBSIZE"})), 10) << i;
}

TEST_F(RedisClusters, slots_that_move_under_a_running_tree_are_followed) {
  runtime rt{options(url(0))};
  const auto job = rt.spawn(tree_of_four, depth);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 50; }));
  const program_end moved =
      redis_cli({"--cluster", "reshard", address(0), "--cluster-from", nodes_[0]->ask({"CLUSTER", "MYID"}),
                 "--cluster-to", nodes_[1]->ask({"CLUSTER", "MYID"}), "--cluster-slots", "2000", "--cluster-yes"});
  EXPECT_EQ(moved.code, 0) << moved.err;
  EXPECT_EQ(job.get_for(60s), leaves);
  EXPECT_EQ(rt.spawn(tree_of_four, depth).get_for(60s), leaves);
  EXPECT_EQ(leaf_runs, 2 * leaves);
}

TEST_F(RedisClusters, the_loss_of_a_master_is_survived) {
  runtime rt{options(url(0))};
  // A replica copies some time later. One that does not know whose records these are has lost them all.
  ASSERT_TRUE(wait_until([&] { return replica_has(1, number_in_replication(1, "master_repl_offset:")); }));
  const auto job = rt.spawn(tree_of_four, depth);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 50; }));
  nodes_[1]->kill();
  EXPECT_EQ(job.get_for(100s), leaves);
  EXPECT_EQ(leaf_runs, leaves);
  EXPECT_EQ(rt.spawn(tree_of_four, 1).get_for(60s), 16);
}

/// A master, a replica, and three sentinels that watch them.
class RedisSentinels : public RedisServers {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    const std::vector<int> ports = free_ports(5);
    const std::string master_port = std::to_string(ports[0]);
    master_ = std::make_unique<redis_server>(std::vector<std::string>{"--port", master_port, "--bind", "127.0.0.1"});
    replica_ = std::make_unique<redis_server>(std::vector<std::string>{
        "--port", std::to_string(ports[1]), "--bind", "127.0.0.1", "--replicaof", "127.0.0.1", master_port});
    ASSERT_TRUE(wait_until([this] {
      return replica_->ask({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
    }));
    for (int i = 2; i < 5; ++i) {
      const std::string file = (scratch_.path() / ("sentinel" + std::to_string(i))).string();
      std::ofstream(file) << "sentinel monitor main 127.0.0.1 " << master_port << " 2\n"
                          << "sentinel down-after-milliseconds main 500\n"
                          << "sentinel failover-timeout main 2000\n";
      sentinels_.push_back(std::make_unique<redis_server>(
          std::vector<std::string>{"--port", std::to_string(ports[i]), "--bind", "127.0.0.1"}, file));
      url_ += (i == 2 ? "redis+sentinel://" : ",") + std::string("127.0.0.1:") + std::to_string(ports[i]);
    }
    url_ += "/main?command_timeout=1000";
    // Until they know of each other and of the replica they cannot act.
    ASSERT_TRUE(wait_until([this] {
      return std::ranges::all_of(sentinels_, [](const auto& s) {
        const std::string info = s->ask({"INFO", "sentinel"});
        return info.find("slaves=1,sentinels=3") != std::string::npos;
      });
    }));
  }

  scratch_directory scratch_;
  std::unique_ptr<redis_server> master_;
  std::unique_ptr<redis_server> replica_;
  std::vector<std::unique_ptr<redis_server>> sentinels_;
  std::string url_;
};

TEST_F(RedisSentinels, who_they_make_master_is_followed) {
  runtime rt{options(url_)};
  const auto job = rt.spawn(tree_of_four, depth);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 50; }));
  master_->kill();
  EXPECT_EQ(job.get_for(100s), leaves);
  EXPECT_EQ(leaf_runs, leaves);
  EXPECT_THAT(replica_->ask({"INFO", "replication"}), HasSubstr("role:master"));
  EXPECT_EQ(rt.spawn(tree_of_four, 1).get_for(60s), 16);
}

TEST_F(RedisSentinels, a_master_that_they_do_not_know_is_an_error) {
  const std::string other = url_.substr(0, url_.find("/main")) + "/other";
  EXPECT_THAT(message_of([&] { runtime{options(other)}; }), HasSubstr("no sentinel names the master"));
}

}  // namespace
}  // namespace banyan::test
