#pragma once

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <thread>

namespace banyan::detail {

/// While it lives, the first SIGTERM or SIGINT is told, and the second ends the process at once with 128 and its
/// number. One at a time. Programs that this one starts get these signals as ever.
class stop_signals {
 public:
  stop_signals();
  ~stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;

  /// Waits for the first signal and returns its number; at once when it has come.
  int wait();

 private:
  void watch();

  std::mutex mutex_;
  std::condition_variable came_;
  std::optional<int> first_;
  struct sigaction before_term_ {};
  struct sigaction before_int_ {};
  std::thread watcher_;
};

}  // namespace banyan::detail
