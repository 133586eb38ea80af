// A runtime inside a program that has a loop of its own: it starts work, looks at its progress, and gives up what takes
// too long. Plain functions are future functions too; long ones keep a checkpoint.

#include <algorithm>
#include <banyan/banyan.hpp>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <utility>

using namespace std::chrono_literals;

bool is_prime(std::uint64_t n) {
  for (std::uint64_t d = 2; d * d <= n; ++d) {
    if (n % d == 0) return false;
  }
  return n >= 2;
}

/// Counts the primes in [begin, end), a thousand numbers at a time.
std::uint64_t count_primes(banyan::context& ctx, std::uint64_t begin, std::uint64_t end) {
  using state = std::pair<std::uint64_t, std::uint64_t>;  // where it goes on, and how many there are so far
  auto [at, primes] = ctx.restore<state>().value_or(state{begin, 0});
  while (at < end) {
    ctx.check_cancelled();
    const std::uint64_t stop = std::min(at + 1000, end);
    for (; at < stop; ++at) primes += is_prime(at);
    ctx.set_progress(static_cast<double>(at - begin));
    ctx.checkpoint(state{at, primes});
  }
  return primes;
}
BANYAN_FUNCTION(count_primes)

banyan::task<std::uint64_t> count_all(banyan::context& ctx, std::uint64_t end, std::uint64_t parts) {
  std::vector<banyan::future<std::uint64_t>> counts;
  for (std::uint64_t i = 0; i < parts; ++i) {
    const std::uint64_t from = end * i / parts;
    const std::uint64_t to = end * (i + 1) / parts;
    counts.push_back(ctx.spawn(banyan::options{.weight = static_cast<double>(to - from)}, count_primes, from, to));
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t n : co_await banyan::all(counts)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(count_all)

int main() {
  try {
    banyan::runtime rt{{.store = "memory:", .threads = 2}};
    const auto job = rt.spawn(count_all, 3'000'000, 64);
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!job.wait_for(200ms)) {
      std::cout << static_cast<int>(100 * job.progress().fraction()) << " %" << std::endl;
      if (std::chrono::steady_clock::now() > deadline) job.cancel();
    }
    std::cout << job.get() << " primes\n" << job.to_json(0) << '\n';
  } catch (const banyan::cancelled&) {
    std::cerr << "embed: this took too long\n";
    return 1;
  } catch (const banyan::error& e) {
    std::cerr << "embed: " << e.what() << '\n';
    return 1;
  }
}
