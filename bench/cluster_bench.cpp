#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <banyan/banyan.hpp>

#include "bench/cluster_costs.hpp"
#include "bench/node_processes.hpp"

namespace {

using banyan::placement;
using bench::seconds_of;
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

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1)));
}

std::string with_prefix(const std::string& store, const std::string& prefix) {
  return store + (store.find('?') == std::string::npos ? "?prefix=" : "&prefix=") + prefix;
}

void print(const nlohmann::ordered_json& report) { std::cout << report.dump(2) << std::endl; }

void expect(bool right) {
  if (!right) throw std::runtime_error("a wrong result");
}

nlohmann::ordered_json measure(const std::string& store, int nodes, int runs) {
  const bench::node_processes others(store, nodes - 1);
  banyan::runtime rt{bench::node_options_of(store, 0)};
  bench::await_nodes(rt, nodes);
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
  int taken_over = 0;
  int idle = 0;
  int held = 0;
  CLI::App app{"Measures a cluster of processes on this machine; figures are medians"};
  app.add_option("--store", store, "URL of a Redis that holds nothing else")->required();
  app.add_option("--nodes", nodes, "numbers of nodes, one measurement each")->delimiter(',')->capture_default_str();
  app.add_option("--runs", runs, "runs of each")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--takeover", taken_over, "measures instead how long the takeover of so many running futures takes");
  app.add_option("--idle", idle, "measures instead what so many nodes cost that have nothing to do")
      ->check(CLI::Range(2, 64));
  app.add_option("--held", held, "measures instead the memory of so many suspended children on another node");
  CLI11_PARSE(app, argc, argv);
  try {
    const bool costs = taken_over > 0 || idle > 0 || held > 0;
    if (taken_over > 0) print(bench::measure_takeover(with_prefix(store, "t"), taken_over));
    if (idle > 0) print(bench::measure_idle(with_prefix(store, "i"), idle));
    if (held > 0) print(bench::measure_held(with_prefix(store, "h"), held));
    if (costs) return 0;
    for (const int n : nodes) {
      print(measure(with_prefix(store, "n" + std::to_string(n)), n, runs));
    }
  } catch (const std::exception& e) {
    std::cerr << "cluster_bench: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
