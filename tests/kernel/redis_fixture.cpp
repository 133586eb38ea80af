#include "tests/kernel/redis_fixture.hpp"

#include <thread>

namespace banyan::test {

std::atomic<int> leaf_runs{0};

int slow_leaf(int n) {
  ++leaf_runs;
  std::this_thread::sleep_for(1ms);
  return n;
}
BANYAN_FUNCTION(slow_leaf)

task<int> many_leaves(context& ctx, int count) {
  std::vector<future<int>> leaves;
  for (int i = 0; i < count; ++i) leaves.push_back(ctx.spawn(slow_leaf, 1));
  int sum = 0;
  for (const auto& f : leaves) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(many_leaves)

task<int> tree_of_four(context& ctx, int depth) {
  std::vector<future<int>> children;
  for (int i = 0; i < 4; ++i) {
    if (depth > 0) {
      children.push_back(ctx.spawn(tree_of_four, depth - 1));
    } else {
      children.push_back(ctx.spawn(slow_leaf, 1));
    }
  }
  int sum = 0;
  for (const auto& f : children) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(tree_of_four)

}  // namespace banyan::test
