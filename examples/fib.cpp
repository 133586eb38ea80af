// A tree of futures: each number is the sum of two children.

#include <banyan/banyan.hpp>
#include <cstdlib>
#include <iostream>

banyan::task<long> fib(banyan::context& ctx, int n) {
  if (n < 2) co_return n;
  auto a = ctx.spawn(fib, n - 1);     // child 0
  auto b = ctx.spawn(fib, n - 2);     // child 1
  co_return co_await a + co_await b;  // no thread waits
}
BANYAN_FUNCTION(fib)

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 16;
  const char* store = argc > 2 ? argv[2] : "memory:";
  try {
    banyan::runtime rt{{.store = store}};
    const banyan::future<long> job = rt.spawn(fib, n);
    std::cout << job.key() << ": fib(" << n << ") = " << job.get() << '\n';
  } catch (const banyan::error& e) {
    std::cerr << "fib: " << e.what() << '\n';
    return 1;
  }
}
