#pragma once

#include <csignal>
#include <future>
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

  /// Waits for the first signal; at once when it has come. Once.
  int wait() { return first_.get_future().get(); }

 private:
  void watch();

  std::promise<int> first_;
  struct sigaction before_term_ {};
  struct sigaction before_int_ {};
  std::thread watcher_;
};

}  // namespace banyan::detail
