#include "bench/restart.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <banyan/banyan.hpp>

#include "bench/workloads.hpp"

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

/// Futures that were begun, in memory that processes share.
std::atomic<std::uint64_t>* begun = nullptr;

banyan::task<std::uint64_t> counted_tree(banyan::context& ctx, unsigned depth) {
  begun->fetch_add(1, std::memory_order_relaxed);
  if (depth == 0) co_return 1;
  std::vector<banyan::future<std::uint64_t>> children;
  for (unsigned i = 0; i < 10; ++i) children.push_back(ctx.spawn(counted_tree, depth - 1));
  std::uint64_t sum = 1;
  for (const auto& c : children) sum += co_await c;
  co_return sum;
}
BANYAN_FUNCTION(counted_tree)

class process {
 public:
  process(const std::string& store, const char* id, unsigned depth, unsigned threads) : pid_(::fork()) {
    if (pid_ < 0) throw std::runtime_error("cannot fork");
    if (pid_ == 0) ::_exit(run(store, id, depth, threads));
  }
  ~process() { kill(); }
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  double seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  void wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    if (status != 0) throw std::runtime_error("a process of the benchmark failed");
  }
  /// Waits until so many futures have begun; seconds since its start.
  double wait_for(std::uint64_t count) const {
    while (begun->load(std::memory_order_relaxed) < count) {
      if (::waitpid(pid_, nullptr, WNOHANG) != 0) throw std::runtime_error("a process of the benchmark ended too soon");
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return seconds();
  }

 private:
  static int run(const std::string& store, const char* id, unsigned depth, unsigned threads) {
    try {
      banyan::runtime rt{{.store = store, .name = "tree_bench", .threads = threads}};
      const bool right = rt.spawn({.id = id}, counted_tree, depth).get() == units({"W2", 0, depth});
      return right ? 0 : 1;
    } catch (const std::exception& e) {
      std::cerr << "tree_bench: " << e.what() << '\n';
      return 1;
    }
  }

  const clock::time_point start_ = clock::now();
  pid_t pid_;
};

}  // namespace

restart_figures measure_restart(const std::string& store, unsigned depth, unsigned threads) {
  void* const shared = ::mmap(nullptr, sizeof *begun, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("no shared memory");
  begun = new (shared) std::atomic<std::uint64_t>(0);
  const std::uint64_t all = units({"W2", 0, depth});
  restart_figures f;
  {
    process whole(store, "whole", depth, threads);
    whole.wait();
    f.undisturbed = whole.seconds();
  }
  begun->store(0);
  {
    process first(store, "killed", depth, threads);
    f.before = first.wait_for(all / 2);
    first.kill();
  }
  const std::uint64_t at_death = begun->load();
  process second(store, "killed", depth, threads);
  f.until_again = second.wait_for(at_death + 1);
  second.wait();
  f.after = second.seconds();
  f.twice = begun->load() - all;
  return f;
}

}  // namespace bench
