#pragma once

#include <chrono>

namespace banyan::tools {

/// While it lives, the signals by which people end programs (SIGINT, SIGTERM, SIGHUP) end only waits. One at a time.
class signal_guard {
 public:
  signal_guard();
  ~signal_guard();
  signal_guard(const signal_guard&) = delete;
  signal_guard& operator=(const signal_guard&) = delete;

  /// The signal that came; 0 when none did.
  int received() const;

  /// Waits for a time, or until a signal comes.
  void wait(std::chrono::milliseconds d) const;
};

}  // namespace banyan::tools
