#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace banyan::test {

/// How long a test waits for what is to happen at once before it fails.
inline constexpr std::chrono::seconds patience{20};

/// Holds threads back until it is opened.
class gate {
 public:
  void open() {
    // Told under the lock: who was waiting may end the gate's life as soon as it is free.
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

  /// False when it was not opened in good time.
  bool wait(std::chrono::milliseconds limit = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return open_; });
  }

  bool is_open() {
    const std::lock_guard lock(mutex_);
    return open_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace banyan::test
