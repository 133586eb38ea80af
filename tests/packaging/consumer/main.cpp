#include <banyan/banyan.hpp>

#include <iostream>

banyan::task<long> fib(banyan::context& ctx, int n) {
  if (n < 2) co_return n;
  auto a = ctx.spawn(fib, n - 1);
  auto b = ctx.spawn({.name = "the smaller"}, fib, n - 2);
  co_return co_await a + co_await b;
}
BANYAN_FUNCTION(fib)

int main() {
  banyan::runtime rt{{.store = "memory:"}};
  std::cout << rt.spawn(fib, 10).get() << '\n';
}
