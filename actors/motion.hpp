#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace banyan::detail {

/// Counts what is under way in a runtime: queued futures, running functions, messages, writes and timers. When
/// nothing is, the runtime is idle. Thread-safe.
class motion {
 public:
  /// One thing under way, for as long as the token or a copy of it lives.
  class token {
   public:
    token() = default;
    explicit token(motion& m) noexcept : motion_(&m) { motion_->enter(); }
    token(const token& other) noexcept : motion_(other.motion_) {
      if (motion_) motion_->enter();
    }
    token(token&& other) noexcept : motion_(std::exchange(other.motion_, nullptr)) {}
    token& operator=(token other) noexcept {
      std::swap(motion_, other.motion_);
      return *this;
    }
    ~token() {
      if (motion_) motion_->leave();
    }

   private:
    motion* motion_ = nullptr;
  };

  /// Blocks until nothing is under way, or `stop` was called.
  void wait_idle() {
    std::unique_lock lock(mutex_);
    waiting_.fetch_add(1);
    idle_.wait(lock, [this] { return stopped_ || count_.load() == 0; });
    waiting_.fetch_sub(1);
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    idle_.notify_all();
  }

 private:
  void enter() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept {
    // Sequentially consistent with `waiting_`: either the last to leave sees who waits, or the waiter sees the zero.
    if (count_.fetch_sub(1) == 1 && waiting_.load() != 0) {
      const std::lock_guard lock(mutex_);
      idle_.notify_all();
    }
  }

  std::atomic<std::int64_t> count_{0};
  std::atomic<int> waiting_{0};
  std::mutex mutex_;
  std::condition_variable idle_;
  bool stopped_ = false;
};

}  // namespace banyan::detail
