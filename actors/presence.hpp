#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>

namespace banyan::detail {

/// Counts those who still use an object, so that whoever ends it can wait until they have left. Thread-safe.
class presence {
 public:
  /// One user, for as long as it lives.
  class token {
   public:
    token() = default;
    explicit token(presence& of) noexcept : of_(&of) { of.enter(); }
    token(token&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    token& operator=(token other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~token() {
      if (of_) of_->leave();
    }

   private:
    presence* of_ = nullptr;
  };

  void wait_until_none() {
    std::unique_lock lock(mutex_);
    none_.wait(lock, [this] { return count_.load() == 0; });
  }

 private:
  void enter() noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept {
    std::size_t before = count_.load();
    while (before > 1) {
      if (count_.compare_exchange_weak(before, before - 1)) return;
    }
    // Under the lock: whoever waits for the last one destroys this object.
    const std::lock_guard lock(mutex_);
    if (count_.fetch_sub(1) == 1) none_.notify_all();
  }

  std::atomic<std::size_t> count_{0};
  std::mutex mutex_;
  std::condition_variable none_;
};

}  // namespace banyan::detail
