#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "persistence/boot_clock.hpp"

namespace banyan::detail {

/// A server's time, told by `boot_clock`, which nobody sets. Measurements that agree to half a second are taken for the
/// same: what an answer takes on its way is no reason for time to waver. Thread-safe.
class server_clock {
 public:
  using milliseconds = std::chrono::milliseconds;
  static constexpr milliseconds tolerance{500};

  /// The server's time since 1970 by its answer, and when it was asked and answered. What took too long tells nothing.
  void measured(boot_clock::time_point asked, milliseconds server, boot_clock::time_point answered);
  /// Its time when `boot_clock` was zero; nothing before it was measured.
  std::optional<milliseconds> base() const;

 private:
  static constexpr std::int64_t unknown = INT64_MIN;

  std::atomic<std::int64_t> base_{unknown};
};

}  // namespace banyan::detail
