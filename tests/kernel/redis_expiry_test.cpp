#include "tests/kernel/redis_fixture.hpp"

namespace banyan::test {
namespace {

task<int> tree_of_ten(context& ctx, int depth) {
  if (depth == 0) co_return 1;
  std::vector<future<int>> children;
  for (int i = 0; i < 10; ++i) children.push_back(ctx.spawn(tree_of_ten, depth - 1));
  int sum = 1;
  for (const auto& f : children) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(tree_of_ten)

task<int> fails_over_leaves(context& ctx) {
  co_await ctx.spawn(many_leaves, 4);
  throw std::runtime_error("no");
}
BANYAN_FUNCTION(fails_over_leaves)

task<int> forgives(context& ctx) {
  try {
    co_await ctx.spawn(fails_over_leaves);
  } catch (const failure&) {
    // Its records stay all the same.
  }
  co_return 1;
}
BANYAN_FUNCTION(forgives)

/// Settles later than the time to live of what is below it.
task<int> forgives_and_rests(context& ctx) {
  const int n = co_await ctx.spawn(forgives);
  co_await ctx.sleep(2500ms);
  co_return n;
}
BANYAN_FUNCTION(forgives_and_rests)

std::atomic<bool> may_succeed{false};

/// Fails after its leaves have succeeded, the first time.
task<int> leaves_then_fails(context& ctx) {
  const int sum = co_await ctx.spawn(many_leaves, 4);
  if (!may_succeed.exchange(true)) throw std::runtime_error("not yet");
  co_return sum;
}
BANYAN_FUNCTION(leaves_then_fails)

task<int> waits_for_it(context& ctx) { co_return co_await ctx.spawn(leaves_then_fails); }
BANYAN_FUNCTION(waits_for_it)

/// Its child fails with the grandchild, and is tried again after more than the shortest time to live.
task<int> fails_once_below(context& ctx) {
  co_return co_await ctx.spawn(
      {.retry = {.max_attempts = 2, .first_delay = 2500ms, .jitter = 0, .child_failures = true}}, waits_for_it);
}
BANYAN_FUNCTION(fails_once_below)

/// Records that go by themselves.
class RedisExpiry : public RedisServers {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    server_.emplace();
  }
  runtime_options keeping(std::chrono::seconds retention) {
    runtime_options o = options(server_->url());
    o.retention = retention;
    return o;
  }
  /// Those of trees, which are not lists.
  std::vector<std::string> families() {
    std::vector<std::string> found;
    std::istringstream keys(server_->ask({"EVAL", "return table.concat(redis.call('KEYS', 'banyan:*'), '\\n')", "0"}));
    for (std::string k; std::getline(keys, k);) {
      if (k.find("{roots}") == std::string::npos) found.push_back(k);
    }
    return found;
  }
  /// How many of them have no time to live.
  int that_stay() {
    int n = 0;
    for (const std::string& k : families()) n += server_->ask({"PTTL", k}) == "-1";
    return n;
  }
  std::optional<redis_server> server_;
};

TEST_F(RedisExpiry, what_a_settled_tree_leaves_has_the_retention_to_live) {
  runtime rt{keeping(1h)};
  rt.spawn(tree_of_four, 2).get_for(20s);
  rt.wait_idle();
  EXPECT_EQ(families().size(), 1u + 1 + 4 + 16);
  EXPECT_EQ(that_stay(), 0);
  for (const std::string& k : families()) {
    const long left = std::stol(server_->ask({"PTTL", k}));
    EXPECT_GT(left, 3'500'000);
    EXPECT_LE(left, 3'600'000);
  }
}

TEST_F(RedisExpiry, a_root_may_say_how_long_its_tree_is_kept) {
  runtime rt{keeping(1s)};
  rt.spawn({.retention = 2h}, tree_of_four, 2).get_for(20s);
  rt.wait_idle();
  EXPECT_EQ(families().size(), 1u + 1 + 4 + 16);
  for (const std::string& k : families()) EXPECT_GT(std::stol(server_->ask({"PTTL", k})), 7'100'000);
  EXPECT_EQ(rt.collect_garbage(), 0u);
  EXPECT_EQ(rt.roots().size(), 1u);
}

TEST_F(RedisExpiry, what_is_below_a_future_that_is_not_settled_stays) {
  runtime rt{keeping(1h)};
  const auto job = rt.spawn(many_leaves, 5000);
  ASSERT_TRUE(wait_until([&] { return leaf_runs > 100 && families().size() == 2; }));
  EXPECT_EQ(that_stay(), 2);
  EXPECT_EQ(job.get_for(60s), 5000);
  rt.wait_idle();
  EXPECT_EQ(that_stay(), 0);
}

TEST_F(RedisExpiry, a_tree_whose_time_has_come_is_gone_and_its_id_may_be_used_again) {
  runtime rt{keeping(1s)};
  EXPECT_EQ(rt.spawn({.id = "job"}, tree_of_four, 1).get_for(20s), 16);
  rt.wait_idle();
  EXPECT_TRUE(wait_until([&] { return families().empty(); }));
  EXPECT_TRUE(wait_until([&] { return rt.roots().empty(); }));
  EXPECT_EQ(code_of([&] { rt.find<int>(runtime::key_of("job")).get(); }), errc::not_found);
  EXPECT_EQ(rt.spawn({.id = "job"}, tree_of_four, 1).get_for(20s), 16);
  EXPECT_EQ(leaf_runs, 32);
  rt.wait_idle();
  // Whoever settles takes the names of others off the lists.
  EXPECT_TRUE(wait_until([&] { return families().empty(); }));
  rt.spawn(slow_leaf, 1).get_for(20s);
  rt.wait_idle();
  EXPECT_EQ(server_->ask({"ZCARD", "banyan:{roots}:created"}), "1");
}

/// The crash may have come after a result and before it was said how long to keep what is below.
TEST_F(RedisExpiry, a_tree_that_was_resumed_expires_as_a_whole) {
  {
    runtime rt{keeping(1h)};
    rt.spawn({.id = "job"}, tree_of_four, 4);
    ASSERT_TRUE(wait_until([] { return leaf_runs > 200; }));
  }
  for (const std::string& k : families()) server_->ask({"PERSIST", k});
  runtime rt{keeping(1h)};
  EXPECT_EQ(rt.find<int>(runtime::key_of("job")).get_for(60s), 1024);
  rt.wait_idle();
  EXPECT_TRUE(wait_until([&] { return that_stay() == 0; }));
  EXPECT_EQ(families().size(), 1u + 1 + 4 + 16 + 64 + 256);
}

/// The server may have lost what it was told before.
TEST_F(RedisExpiry, a_tree_over_which_the_server_was_lost_expires_as_a_whole) {
  runtime rt{keeping(1h)};
  const auto job = rt.spawn(tree_of_four, 4);
  ASSERT_TRUE(wait_until([] { return leaf_runs > 200; }));
  for (const std::string& k : families()) server_->ask({"PERSIST", k});
  server_->ask({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_EQ(job.get_for(60s), 1024);
  rt.wait_idle();
  EXPECT_TRUE(wait_until([&] { return that_stay() == 0; }));
}

/// As clocks leave it that differ.
TEST_F(RedisExpiry, a_place_in_the_list_that_outlived_its_tree_is_taken_anew) {
  runtime rt{keeping(1h)};
  rt.spawn({.id = "job"}, tree_of_four, 1).get_for(20s);
  rt.wait_idle();
  for (const std::string& k : families()) server_->ask({"DEL", k});
  ASSERT_EQ(server_->ask({"ZCARD", "banyan:{roots}:settled"}), "1");
  const auto job = rt.spawn({.id = "job"}, many_leaves, 5000);
  ASSERT_TRUE(wait_until([&] { return !rt.roots().front().settled; }));
  EXPECT_EQ(rt.roots().size(), 1u);
  EXPECT_EQ(server_->ask({"ZCARD", "banyan:{roots}:expires"}), "0");
  EXPECT_EQ(job.get_for(60s), 5000);
}

/// The next attempt takes over what the failed one left.
TEST_F(RedisExpiry, what_is_below_a_failed_future_stays_until_the_tree_is_settled) {
  runtime rt{keeping(1s)};
  const auto job = rt.spawn(fails_once_below);
  EXPECT_EQ(job.get_for(20s), 4);
  // The leaves of the first attempt were not run again, although their time would have come in the pause.
  EXPECT_EQ(leaf_runs, 4);
  rt.wait_idle();
  EXPECT_TRUE(wait_until([&] { return families().empty(); }));
}

TEST_F(RedisExpiry, what_is_below_a_failed_future_is_found_however_late_the_tree_settles) {
  runtime rt{keeping(1s)};
  EXPECT_EQ(rt.spawn(forgives_and_rests).get_for(20s), 1);
  rt.wait_idle();
  EXPECT_TRUE(wait_until([&] { return families().empty(); }));
}

TEST_F(RedisExpiry, a_tree_that_keeps_nothing_never_holds_more_than_its_frontier) {
  constexpr int futures = 111'111;
  runtime_options o = keeping(1h);
  // What is on its way to the store counts as alive.
  o.limits.max_in_flight = 1u << 20;
  runtime rt{o};
  const auto job = rt.spawn({.keep = keep::none}, tree_of_ten, 5);
  int most = 0;
  while (!job.ready()) most = std::max(most, std::stoi(server_->ask({"DBSIZE"})));
  EXPECT_EQ(job.get(), futures);
  rt.wait_idle();
  EXPECT_LT(most, 11'111 / 10);
  EXPECT_EQ(families().size(), 1u);
}

}  // namespace
}  // namespace banyan::test
