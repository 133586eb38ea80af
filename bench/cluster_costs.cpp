#include "bench/cluster_costs.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include <banyan/banyan.hpp>

#include "bench/node_processes.hpp"
#include "bench/workloads.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

std::atomic<int> holding = 0;

/// Runs until it is cancelled.
banyan::task<int> holds_on(banyan::context& ctx) {
  ++holding;
  co_await ctx.sleep(std::chrono::hours(1));
  co_return 1;
}
BANYAN_FUNCTION(holds_on)

banyan::task<int> many_hold_on(banyan::context& ctx, std::string node, int count) {
  const banyan::placement where = node.empty() ? banyan::placement::local() : banyan::placement::on(node);
  std::vector<banyan::future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn({.placement = where}, holds_on));
  co_await banyan::all(children);
  co_return count;
}
BANYAN_FUNCTION(many_hold_on)

/// By which another process says that all of its futures run.
class signal_pipe {
 public:
  signal_pipe() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe");
  }
  ~signal_pipe() {
    for (const int end : ends_) ::close(end);
  }
  signal_pipe(const signal_pipe&) = delete;
  signal_pipe& operator=(const signal_pipe&) = delete;

  void say() const {
    if (::write(ends_[1], "r", 1) != 1) ::_exit(1);
  }
  void wait() const {
    char byte = 0;
    if (::read(ends_[0], &byte, 1) != 1) throw std::runtime_error("the other node ended");
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace

nlohmann::ordered_json measure_takeover(const std::string& store, int futures) {
  const signal_pipe all_run;
  node_processes other(store, 1, [&](banyan::runtime& rt) {
    rt.spawn({.id = "many"}, many_hold_on, std::string(), futures);
    wait_for("all run", [&] { return holding == futures; });
    all_run.say();
  });
  all_run.wait();
  banyan::runtime rt{node_options_of(store, 0)};
  await_nodes(rt, 2);
  // Stopped, not killed: for the lease of a dead process of this machine nobody waits.
  other.signal(SIGSTOP);
  wait_for("its lease ends", [&] { return !is_alive(rt, "bench-1"); });
  const double took = seconds_of([&] { wait_for("all run here", [&] { return holding == futures; }); });
  other.kill();
  rt.find<int>(banyan::runtime::key_of("many")).cancel();
  return {{"running_futures", futures}, {"takeover_seconds_after_lease", took}};
}

nlohmann::ordered_json measure_idle(const std::string& store, int nodes) {
  constexpr std::chrono::seconds length{10};
  const int others = nodes - 1;
  const node_processes processes(store, others);
  banyan::runtime rt{node_options_of(store, 0)};
  await_nodes(rt, nodes);
  std::this_thread::sleep_for(2s);
  const double before = processes.cpu_seconds();
  std::this_thread::sleep_for(length);
  const double busy = (processes.cpu_seconds() - before) / static_cast<double>(length.count());
  return {{"nodes", nodes},
          {"idle_cpu_percent_a_node", 100 * busy / others},
          {"resident_bytes_a_node", processes.resident_bytes() / static_cast<std::size_t>(others)}};
}

nlohmann::ordered_json measure_held(const std::string& store, int children) {
  const signal_pipe all_run;
  const node_processes other(store, 1, [&](banyan::runtime&) {
    for (;;) {
      wait_for("all run", [&] { return holding == children; });
      all_run.say();
      ::pause();
    }
  });
  banyan::runtime rt{node_options_of(store, 0)};
  await_nodes(rt, 2);
  const std::size_t here = resident_bytes();
  const std::size_t there = other.resident_bytes();
  const auto root = rt.spawn(many_hold_on, std::string("bench-1"), children);
  all_run.wait();
  const auto each = [&](std::size_t now, std::size_t before) {
    return (static_cast<double>(now) - static_cast<double>(before)) / children;
  };
  nlohmann::ordered_json report{{"children", children},
                                {"bytes_at_the_parents_node", each(resident_bytes(), here)},
                                {"bytes_at_the_childs_node", each(other.resident_bytes(), there)}};
  root.cancel();
  return report;
}

}  // namespace bench
