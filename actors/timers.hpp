#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace banyan::detail {

/// Calls functions at points of time, on a thread of its own. Thread-safe. A cancelled timer frees what it holds
/// at once. The functions must be short and must not throw.
class timers {
 public:
  using clock = std::chrono::system_clock;
  using id = std::uint64_t;

  timers();
  ~timers();

  id schedule(clock::time_point when, std::function<void()> call);
  /// False if it has been called, is being called, or was cancelled already.
  bool cancel(id timer);
  /// Calls nothing more; waits for the call that is under way. Idempotent.
  void stop();

 private:
  using queue = std::multimap<clock::time_point, std::pair<id, std::function<void()>>>;

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  queue queue_;
  std::unordered_map<id, queue::iterator> by_id_;
  id next_id_ = 1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace banyan::detail
