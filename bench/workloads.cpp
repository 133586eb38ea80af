#include "bench/workloads.hpp"

#include <banyan/banyan.hpp>

#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point start) { return std::chrono::duration<double>(clock::now() - start).count(); }

std::uint64_t leaf(std::uint64_t number) { return number; }
BANYAN_FUNCTION(leaf)

banyan::task<std::uint64_t> flat(banyan::context& ctx, std::uint64_t n) {
  std::vector<banyan::future<std::uint64_t>> children;
  children.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) children.push_back(ctx.spawn(leaf, i));
  std::uint64_t sum = 0;
  for (const auto& c : children) sum += co_await c;
  co_return sum;
}
BANYAN_FUNCTION(flat)

banyan::task<std::uint64_t> tree(banyan::context& ctx, unsigned depth, unsigned fan_out) {
  if (depth == 0) co_return 1;
  std::vector<banyan::future<std::uint64_t>> children;
  children.reserve(fan_out);
  for (unsigned i = 0; i < fan_out; ++i) children.push_back(ctx.spawn(tree, depth - 1, fan_out));
  std::uint64_t sum = 1;
  for (const auto& c : children) sum += co_await c;
  co_return sum;
}
BANYAN_FUNCTION(tree)

banyan::task<std::uint64_t> chain(banyan::context& ctx, std::uint64_t steps) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < steps; ++i) {
    sum += co_await ctx.run("step", [i] { return i; });
  }
  co_return sum;
}
BANYAN_FUNCTION(chain)

std::atomic<std::size_t> asleep{0};

banyan::task<> sleeper(banyan::context& ctx) {
  asleep.fetch_add(1);
  co_await ctx.sleep(std::chrono::hours(24));
}
BANYAN_FUNCTION(sleeper)

banyan::task<> sleepers(banyan::context& ctx, std::uint64_t n) {
  std::vector<banyan::future<void>> children;
  children.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) children.push_back(ctx.spawn(sleeper));
  co_await banyan::all(children);
}
BANYAN_FUNCTION(sleepers)

void expect(std::uint64_t found, std::uint64_t wanted) {
  if (found != wanted) {
    throw std::runtime_error("wrong result: " + std::to_string(found) + " instead of " + std::to_string(wanted));
  }
}

std::uint64_t sum_below(std::uint64_t n) { return n == 0 ? 0 : n * (n - 1) / 2; }

measurement run_latency(banyan::runtime& rt, std::size_t n) {
  measurement m;
  m.latencies_us.reserve(n);
  const auto start = clock::now();
  for (std::size_t i = 0; i < n; ++i) {
    const auto before = clock::now();
    expect(rt.spawn(leaf, i).get(), i);
    m.latencies_us.push_back(seconds_since(before) * 1e6);
  }
  m.seconds = seconds_since(start);
  return m;
}

}  // namespace

std::size_t units(const shape& s) {
  if (s.workload == "W1") return s.n + 1;
  if (s.workload != "W2") return s.n;
  std::size_t total = 1;
  for (unsigned d = 0; d < s.depth; ++d) total = total * s.fan_out + 1;
  return total;
}

measurement run_banyan(banyan::runtime& rt, const shape& s) {
  if (s.workload == "W3") return run_latency(rt, s.n);
  const auto start = clock::now();
  if (s.workload == "W1") {
    expect(rt.spawn(flat, s.n).get(), sum_below(s.n));
  } else if (s.workload == "W2") {
    const banyan::options opts{.keep = s.keep ? banyan::keep::all : banyan::keep::none};
    expect(rt.spawn(opts, tree, s.depth, s.fan_out).get(), units(s));
  } else {
    expect(rt.spawn(chain, s.n).get(), sum_below(s.n));
  }
  return {seconds_since(start), {}};
}

std::size_t resident_bytes(const std::string& process) {
  std::ifstream statm("/proc/" + process + "/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

double suspended_bytes(banyan::runtime& rt, std::size_t n) {
  const std::size_t before = resident_bytes();
  const auto root = rt.spawn(sleepers, n);
  while (asleep.load() < n) std::this_thread::yield();
  const double bytes = static_cast<double>(resident_bytes() - before) / static_cast<double>(n);
  root.cancel();
  return bytes;
}

}  // namespace bench
