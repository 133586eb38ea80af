#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace banyan::detail {

/// Calls functions at points of time, on a thread of its own. Thread-safe. A cancelled timer frees what it holds
/// at once. The functions must be short and must not throw. What time it is, this machine's clock says, or another that
/// `boot_clock` tells.
class timers {
 public:
  using clock = std::chrono::system_clock;

  /// Names a timer; a default one names none.
  struct id {
    clock::time_point when{};
    std::uint64_t number = 0;
    auto operator<=>(const id&) const = default;
    explicit operator bool() const { return number != 0; }
  };

  timers();
  ~timers();

  clock::time_point now() const;
  /// That clock's time when `boot_clock` was zero. From the first call on it counts.
  void set_base(std::chrono::milliseconds base);

  id schedule(clock::time_point when, std::function<void()> call);
  /// False if it has been called, is being called, or was cancelled already.
  bool cancel(id timer);
  /// Calls nothing more; waits for the call that is under way. Idempotent.
  void stop();

 private:
  using queue = std::map<id, std::function<void()>>;

  void run();
  void wait_for(std::unique_lock<std::mutex>& lock, clock::time_point when);

  static constexpr std::int64_t own_clock = INT64_MIN;

  std::atomic<std::int64_t> base_{own_clock};
  std::mutex mutex_;
  std::condition_variable changed_;
  queue queue_;
  std::uint64_t next_number_ = 1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace banyan::detail
