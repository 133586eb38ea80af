#include <signal.h>

#include <filesystem>

#include "tests/kernel/redis_fixture.hpp"

namespace banyan::test {
namespace {

/// Servers that come back without what they acknowledged last, as after a power cut with `appendfsync everysec`.
class RedisLoss : public RedisServers {
 protected:
  /// Takes the end off what the server, which is not running, has written.
  static void lose(const redis_server& server, double share) {
    std::filesystem::path last;
    for (const auto& entry : std::filesystem::directory_iterator(server.directory() / "appendonlydir")) {
      if (entry.path().string().ends_with(".incr.aof")) last = entry.path();
    }
    ASSERT_FALSE(last.empty());
    const auto size = static_cast<double>(std::filesystem::file_size(last));
    std::filesystem::resize_file(last, static_cast<std::uintmax_t>(size * (1 - share)));
  }

  const std::vector<std::string> everysec{"--appendonly", "yes", "--appendfsync", "everysec"};
};

TEST_F(RedisLoss, what_was_lost_is_found_missing_and_run_again) {
  constexpr int leaves = 2000;
  redis_server server(everysec);
  key job;
  {
    runtime rt{options(server.url())};
    const auto f = rt.spawn(many_leaves, leaves);
    job = f.key();
    ASSERT_TRUE(wait_until([] { return leaf_runs > 1000; }));
    rt.shutdown();
  }
  const int before = leaf_runs;
  server.kill();
  lose(server, 0.3);
  server.start();
  runtime rt{options(server.url())};
  EXPECT_EQ(rt.find<int>(job).get_for(60s), leaves);
  EXPECT_GT(leaf_runs, leaves);
  EXPECT_LE(leaf_runs, leaves + before);
  EXPECT_EQ(rt.find<int>(job).children().size(), static_cast<std::size_t>(leaves));
}

TEST_F(RedisLoss, a_runtime_that_goes_on_meanwhile_comes_to_its_end) {
  constexpr int leaves = 2000;
  redis_server server(everysec);
  runtime rt{options(server.url())};
  const auto job = rt.spawn(many_leaves, leaves);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 1000; }));
  server.kill();
  lose(server, 0.1);
  server.start();
  EXPECT_EQ(job.get_for(60s), leaves);
  EXPECT_EQ(leaf_runs, leaves);
}

/// Longer than a lease lives.
TEST_F(RedisLoss, a_server_that_stands_still_for_ten_seconds_costs_nothing_but_time) {
  constexpr int leaves = 2000;
  redis_server server(everysec);
  runtime rt{options(server.url() + "?command_timeout=1000")};
  const auto job = rt.spawn(many_leaves, leaves);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 100; }));
  ::kill(server.pid(), SIGSTOP);
  EXPECT_FALSE(job.wait_for(10s));
  ::kill(server.pid(), SIGCONT);
  EXPECT_EQ(job.get_for(60s), leaves);
  EXPECT_EQ(leaf_runs, leaves);
}

}  // namespace
}  // namespace banyan::test
