#include <csignal>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include <banyan/banyan.hpp>

namespace {

using namespace std::chrono_literals;
using banyan::placement;
using clock_type = std::chrono::steady_clock;

int nothing(int n) { return n; }
BANYAN_FUNCTION(nothing)

int sleeps_a_while(int ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  return 1;
}
BANYAN_FUNCTION(sleeps_a_while)

/// One child after the other on another node; the microseconds that each took.
banyan::task<std::vector<double>> round_trips(banyan::context& ctx, std::string node, int count) {
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const auto begin = clock_type::now();
    const banyan::future<int> child = ctx.spawn({.placement = placement::on(node)}, nothing, i);
    co_await child;
    took.push_back(std::chrono::duration<double, std::micro>(clock_type::now() - begin).count());
  }
  co_return took;
}
BANYAN_FUNCTION(round_trips)

banyan::task<long> children_on(banyan::context& ctx, std::string node, int count) {
  std::vector<banyan::future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn({.placement = placement::on(node)}, nothing, 1));
  long sum = 0;
  for (const int n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(children_on)

/// W2, with its inner futures and leaves on one node after the other.
banyan::task<long> spread_tree(banyan::context& ctx, int depth, bool spread) {
  if (depth == 0) co_return 1;
  const placement where = spread ? placement::spread() : placement::local();
  std::vector<banyan::future<long>> children;
  for (int i = 0; i < 10; ++i) children.push_back(ctx.spawn({.placement = where}, spread_tree, depth - 1, spread));
  long sum = 1;
  for (const long n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(spread_tree)

banyan::task<long> many_sleepers(banyan::context& ctx, int count, int ms) {
  std::vector<banyan::future<int>> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(ctx.spawn({.blocking = true, .placement = placement::spread()}, sleeps_a_while, ms));
  }
  long sum = 0;
  for (const int n : co_await banyan::all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(many_sleepers)

banyan::runtime_options options_of(const std::string& store, int number) {
  banyan::runtime_options o{.store = store, .name = "bench-" + std::to_string(number), .threads = 2};
  o.limits.max_blocking = 50;
  o.node.listen = "127.0.0.1:0";
  return o;
}

/// The other nodes, each a process that ends with this one.
class other_nodes {
 public:
  other_nodes(const std::string& store, int count) {
    for (int i = 1; i <= count; ++i) start(store, i);
  }
  ~other_nodes() {
    for (const pid_t p : processes_) ::kill(p, SIGKILL);
    for (const pid_t p : processes_) ::waitpid(p, nullptr, 0);
  }

 private:
  void start(const std::string& store, int number) {
    const pid_t p = ::fork();
    if (p != 0) {
      processes_.push_back(p);
      return;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    banyan::runtime rt{options_of(store, number)};
    for (;;) ::pause();
  }

  std::vector<pid_t> processes_;
};

void await_nodes(banyan::runtime& rt, int count) {
  const auto give_up = clock_type::now() + 20s;
  for (;;) {
    const auto nodes = rt.nodes();
    if (std::ranges::count_if(nodes, &banyan::node_info::connected) == count) return;
    if (clock_type::now() > give_up) throw std::runtime_error("the nodes do not find each other");
    std::this_thread::sleep_for(10ms);
  }
}

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

template <class Job>
double seconds_of(Job job) {
  const auto begin = clock_type::now();
  job();
  return std::chrono::duration<double>(clock_type::now() - begin).count();
}

void expect(bool right) {
  if (!right) throw std::runtime_error("a wrong result");
}

nlohmann::ordered_json measure(const std::string& store, int nodes, int runs) {
  const other_nodes others(store, nodes - 1);
  banyan::runtime rt{options_of(store, 0)};
  await_nodes(rt, nodes);
  nlohmann::ordered_json report{{"nodes", nodes}};
  std::vector<double> trips, rates, alone, spread, sleepers;
  constexpr int children = 50'000;
  for (int run = 0; run < runs; ++run) {
    if (nodes > 1) {
      for (const double us : rt.spawn(round_trips, "bench-1", 1000).get()) trips.push_back(us);
      rates.push_back(children /
                      seconds_of([&] { expect(rt.spawn(children_on, "bench-1", children).get() == children); }));
    }
    alone.push_back(11'111 / seconds_of([&] { expect(rt.spawn(spread_tree, 4, false).get() == 11'111); }));
    spread.push_back(11'111 / seconds_of([&] { expect(rt.spawn(spread_tree, 4, true).get() == 11'111); }));
    sleepers.push_back(seconds_of([&] { expect(rt.spawn(many_sleepers, 1000, 100).get() == 1000); }));
  }
  if (nodes > 1) {
    report["round_trip_p50_us"] = percentile(trips, 0.5);
    report["round_trip_p99_us"] = percentile(trips, 0.99);
    report["children_per_second_to_one_node"] = percentile(rates, 0.5);
  }
  report["w2_local_per_second"] = percentile(alone, 0.5);
  report["w2_spread_per_second"] = percentile(spread, 0.5);
  const double took = percentile(sleepers, 0.5);
  report["thousand_sleepers_seconds"] = took;
  report["sleepers_efficiency"] = 1000 * 0.1 / (50.0 * nodes) / took;
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  std::string store;
  std::vector<int> nodes{1, 2, 3, 4};
  int runs = 3;
  CLI::App app{"Measures a cluster of processes on this machine; figures are medians"};
  app.add_option("--store", store, "URL of a Redis that holds nothing else")->required();
  app.add_option("--nodes", nodes, "numbers of nodes, one measurement each")->delimiter(',')->capture_default_str();
  app.add_option("--runs", runs, "runs of each")->check(CLI::PositiveNumber)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    for (const int n : nodes) {
      const std::string prefix = (store.find('?') == std::string::npos ? "?prefix=n" : "&prefix=n") + std::to_string(n);
      std::cout << measure(store + prefix, n, runs).dump(2) << std::endl;
    }
  } catch (const std::exception& e) {
    std::cerr << "cluster_bench: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
