#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <banyan/runtime.hpp>

/// The same four shapes of work, as Banyan's futures and as bare CAF actors.
namespace bench {

struct shape {
  std::string workload;   ///< W1, W2, W3 or W4
  std::size_t n = 0;      ///< W1: children; W3: roots; W4: steps
  unsigned depth = 0;     ///< W2
  unsigned fan_out = 10;  ///< W2
  bool keep = true;       ///< W2: false drops what is below a future once it is settled
};

struct measurement {
  double seconds = 0;
  std::vector<double> latencies_us;  ///< W3: one a root
};

/// Futures (W4: steps) in one run.
std::size_t units(const shape& s);

/// Each runs the workload once and checks its result. They throw when it is wrong.
measurement run_banyan(banyan::runtime& rt, const shape& s);
measurement run_bare(const shape& s, unsigned threads);

/// Bytes that the process keeps resident for one future that is suspended, measured over `n` of them.
double suspended_bytes(banyan::runtime& rt, std::size_t n);

/// Of a process, by its number.
std::size_t resident_bytes(const std::string& process = "self");

}  // namespace bench
