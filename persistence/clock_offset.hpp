#pragma once

#include <atomic>
#include <chrono>

namespace banyan::detail {

/// How far a server's clock is ahead of this machine's. Clocks that agree to half a second are taken for the same, and
/// so are two measurements: what an answer took on its way is no reason for time to waver. Thread-safe.
class clock_offset {
 public:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds tolerance{500};

  /// The server's time, by its answer, and this machine's before and after. What took too long tells nothing.
  void measured(milliseconds asked, milliseconds server, milliseconds answered);
  milliseconds value() const { return milliseconds(value_.load(std::memory_order_relaxed)); }

 private:
  std::atomic<milliseconds::rep> value_{0};
};

}  // namespace banyan::detail
