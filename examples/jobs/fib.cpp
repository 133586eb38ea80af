// A tree of futures: each number is the sum of two children, which may run on other nodes.

#include <banyan/banyan.hpp>

banyan::task<long> fib(banyan::context& ctx, int n) {
  if (n < 2) co_return n;
  auto a = ctx.spawn(fib, n - 1);
  auto b = ctx.spawn(fib, n - 2);
  co_return co_await a + co_await b;
}
BANYAN_FUNCTION(fib)
