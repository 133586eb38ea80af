#pragma once

#include <string>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/redis_server.hpp"

namespace banyan::test {

/// Leaves that were begun, since the test began.
extern std::atomic<int> leaf_runs;

/// Takes a millisecond; returns its argument.
int slow_leaf(int n);
/// A parent of `count` leaves of 1; returns their sum.
task<int> many_leaves(context& ctx, int count);
/// Families of four, `depth` levels of them over the leaves, so that they land on all servers of a cluster; returns the
/// number of leaves.
task<int> tree_of_four(context& ctx, int depth);

/// Tests of runtimes on servers of their own.
class RedisServers : public testing::Test {
 protected:
  RedisServers() { leaf_runs = 0; }
  void SetUp() override { BANYAN_NEEDS_REDIS(); }
  runtime_options options(const std::string& url) {
    runtime_options o{.store = url, .name = "a test", .threads = 2};
    o.log = [this](log_level, std::string_view line) { log.add(line); };
    return o;
  }
  log_lines log;
};

}  // namespace banyan::test
