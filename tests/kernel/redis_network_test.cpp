#include "tests/kernel/redis_fixture.hpp"
#include "tests/support/cutting_proxy.hpp"

namespace banyan::test {
namespace {

/// Runtimes that reach their server through a network that fails.
class RedisNetwork : public RedisServers {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    const std::uint64_t seed = std::random_device{}();
    std::cout << "seed of the cuts: " << seed << '\n';
    server_.emplace(std::vector<std::string>{"--appendonly", "yes"});
    network_.emplace(server_->socket(), seed);
  }

  /// A tree is as it would be had nothing happened: also for who reads the store over a connection that is well.
  void expect_whole(const key& job, int leaves) {
    runtime other{{.store = server_->url(), .name = "another", .log = [](log_level, std::string_view) {}}};
    EXPECT_EQ(other.find<int>(job).get_for(20s), leaves);
    const auto children = other.find<int>(job).children();
    EXPECT_EQ(children.size(), static_cast<std::size_t>(leaves));
    for (const auto& child : children) EXPECT_EQ(other.find<int>(child.key()).get_for(20s), 1);
  }

  /// `most`: bytes, as many as a batch takes in this direction.
  void expect_to_survive(cutting_proxy::direction d, std::uint64_t most) {
    constexpr int leaves = 500;
    runtime rt{options(network_->url())};
    std::vector<key> jobs;
    network_->cut(d, most, 25);
    while (network_->cuts_left() > 0) {
      const auto job = rt.spawn(many_leaves, leaves);
      EXPECT_EQ(job.get_for(60s), leaves);
      jobs.push_back(job.key());
    }
    EXPECT_EQ(leaf_runs, leaves * static_cast<int>(jobs.size()));
    for (const key& job : jobs) expect_whole(job, leaves);
  }

  std::optional<redis_server> server_;
  std::optional<cutting_proxy> network_;
};

TEST_F(RedisNetwork, batches_that_are_cut_anywhere_on_their_way_lose_and_double_nothing) {
  expect_to_survive(cutting_proxy::direction::to_server, 60'000);
}

/// Of a write whose reply is lost nobody knows whether it was done: it has won if it meets its own bytes.
TEST_F(RedisNetwork, replies_that_are_lost_lose_and_double_nothing) {
  expect_to_survive(cutting_proxy::direction::to_client, 6'000);
}

TEST_F(RedisNetwork, the_value_that_won_while_a_reply_was_lost_is_read_back) {
  runtime rt{options(network_->url())};
  const auto job = rt.spawn(many_leaves, 300);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 10; }));
  // Their results are on their way, and will not be the first.
  network_->cut(cutting_proxy::direction::to_client, 100, 1'000'000);
  runtime other{{.store = server_->url(), .name = "another", .log = [](log_level, std::string_view) {}}};
  int taken = 0;
  for (const auto& child : other.find<int>(job.key()).children()) {
    if (other.find<int>(child.key()).set_value(100)) ++taken;
  }
  network_->cut(cutting_proxy::direction::to_client, 0, 0);
  const int sum = job.get_for(60s);
  EXPECT_EQ(sum, 300 + 99 * taken);
  EXPECT_EQ(other.find<int>(job.key()).get_for(20s), sum);
}

TEST_F(RedisNetwork, a_slow_one_makes_all_slower_and_nothing_else) {
  network_->delay(20ms);
  runtime rt{options(network_->url())};
  const auto job = rt.spawn(many_leaves, 500);
  EXPECT_EQ(job.get_for(60s), 500);
  EXPECT_EQ(leaf_runs, 500);
  expect_whole(job.key(), 500);
}

}  // namespace
}  // namespace banyan::test
