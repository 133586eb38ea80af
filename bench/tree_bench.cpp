#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "bench/redis_side.hpp"
#include "bench/restart.hpp"
#include "bench/workloads.hpp"

namespace {

struct arguments {
  std::string store = "memory:";
  bench::shape shape{.workload = "W2", .depth = 4};
  unsigned runs = 3;
  unsigned threads = std::max(1u, std::thread::hardware_concurrency());
  bool json = false;
};

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

/// What a run of it is measured by where --n is not given.
std::size_t default_count(const std::string& workload) { return workload == "W1" ? 100'000 : 1'000; }

nlohmann::ordered_json measure(const arguments& args) {
  const auto server = bench::redis_side::of(args.store);
  banyan::runtime rt{{.store = args.store, .name = "tree_bench", .threads = args.threads}};
  std::vector<double> seconds;
  std::vector<double> rates;
  std::vector<double> ratios;
  std::vector<double> server_ratios;
  const std::size_t used_before = server ? server->used_memory() : 0;
  std::size_t used_after = 0;
  std::size_t most_used = 0;
  std::vector<double> latencies;
  const auto n = static_cast<double>(bench::units(args.shape));
  for (unsigned run = 0; run < args.runs; ++run) {
    std::optional<bench::memory_peak> peak;
    if (server) peak.emplace(*server);
    const bench::measurement ours = bench::run_banyan(rt, args.shape);
    rt.wait_idle();
    if (server) {
      most_used = std::max(most_used, peak->most());
      peak.reset();
      constexpr std::size_t requests = 200'000;
      used_after = server->used_memory();
      server_ratios.push_back(n / ours.seconds / server->hsetnx_per_second(requests));
    }
    const bench::measurement bare = bench::run_bare(args.shape, args.threads);
    seconds.push_back(ours.seconds);
    rates.push_back(n / ours.seconds);
    ratios.push_back(bare.seconds / ours.seconds);
    latencies.insert(latencies.end(), ours.latencies_us.begin(), ours.latencies_us.end());
  }
  if (latencies.empty()) {
    for (const double s : seconds) latencies.push_back(s * 1e6 / n);
  }
  nlohmann::ordered_json report{{"workload", args.shape.workload},
                                {"store", args.store},
                                {"n", bench::units(args.shape)},
                                {"runs", args.runs},
                                {"seconds", percentile(seconds, 0.5)},
                                {"futures_per_second", percentile(rates, 0.5)},
                                {"p50_us", percentile(latencies, 0.5)},
                                {"p99_us", percentile(latencies, 0.99)},
                                {"ratio_to_bare_caf", percentile(ratios, 0.5)},
                                {"resident_bytes", bench::resident_bytes()}};
  if (server) {
    report["ratio_to_hsetnx"] = percentile(server_ratios, 0.5);
    report["server_peak_bytes"] = most_used - used_before;
    report["server_bytes_a_future"] =
        (static_cast<double>(used_after) - static_cast<double>(used_before)) / n / args.runs;
  }
  return report;
}

nlohmann::ordered_json measure_suspended(const arguments& args) {
  banyan::runtime rt{{.store = args.store, .name = "tree_bench", .threads = args.threads}};
  const double bytes = bench::suspended_bytes(rt, args.shape.n);
  return {{"workload", "suspended"}, {"store", args.store}, {"n", args.shape.n}, {"bytes_a_future", bytes}};
}

nlohmann::ordered_json measure_restart(const arguments& args) {
  const bench::restart_figures f = bench::measure_restart(args.store, args.shape.depth, args.threads);
  return {{"workload", "restart"},
          {"store", args.store},
          {"n", bench::units({"W2", 0, args.shape.depth})},
          {"undisturbed_seconds", f.undisturbed},
          {"killed_after_seconds", f.before},
          {"seconds_until_work_goes_on", f.until_again},
          {"seconds_to_the_end", f.after},
          {"begun_twice", f.twice},
          {"ratio_to_undisturbed", (f.before + f.after) / f.undisturbed}};
}

nlohmann::ordered_json run(const arguments& args) {
  if (args.shape.workload == "restart") return measure_restart(args);
  if (args.shape.workload == "suspended") return measure_suspended(args);
  return measure(args);
}

}  // namespace

int main(int argc, char** argv) {
  arguments args;
  CLI::App app{"Measures futures a second on a store, in turn with bare CAF actors of the same shape"};
  app.add_option("--store", args.store, "URL of the store")->capture_default_str();
  app.add_option(
         "--workload", args.shape.workload,
         "W1: a parent of n children; W2: a tree of fan-out 10; W3: n roots one after the other; W4: n recorded "
         "steps; suspended: memory of n suspended futures; restart: a tree of W2's shape that is killed at half")
      ->check(CLI::IsMember({"W1", "W2", "W3", "W4", "suspended", "restart"}))
      ->capture_default_str();
  app.add_option("--n", args.shape.n, "children, roots or steps (default 100000 for W1, else 1000)")
      ->check(CLI::PositiveNumber);
  app.add_option("--depth", args.shape.depth, "levels below the root of W2")
      ->check(CLI::Range(0, 8))
      ->capture_default_str();
  app.add_flag("!--keep-nothing", args.shape.keep, "W2: drop what is below a future once it is settled");
  app.add_option("--runs", args.runs, "runs; figures are medians")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--threads", args.threads, "scheduler threads")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_flag("--json", args.json, "print one JSON object");
  CLI11_PARSE(app, argc, argv);
  if (args.shape.n == 0) args.shape.n = default_count(args.shape.workload);
  try {
    const auto report = run(args);
    if (args.json) {
      std::cout << report.dump() << '\n';
    } else {
      for (const auto& [name, value] : report.items()) std::cout << name << ": " << value << '\n';
    }
  } catch (const std::exception& e) {
    std::cerr << "tree_bench: " << e.what() << '\n';
    return 1;
  }
  return 0;
}
