#pragma once

#include <mutex>
#include <unordered_set>
#include <utility>

#include <banyan/key.hpp>

namespace banyan::detail {

/// The roots that are being spawned: whether they are listed and recorded is not to be decided meanwhile. Thread-safe.
class spawning {
 public:
  class token {
   public:
    token(spawning& all, const family_id& root) : all_(all), root_(root) {
      const std::lock_guard lock(all_.mutex_);
      all_.roots_.insert(root_);
    }
    ~token() { release(); }
    token(const token&) = delete;
    token& operator=(const token&) = delete;

    /// True if nobody else is spawning this root.
    bool release() {
      if (std::exchange(released_, true)) return false;
      const std::lock_guard lock(all_.mutex_);
      all_.roots_.erase(all_.roots_.find(root_));
      return !all_.roots_.contains(root_);
    }

   private:
    spawning& all_;
    const family_id root_;
    bool released_ = false;
  };

  /// Calls `f` unless the root is being spawned; nobody begins to before it returns.
  template <class F>
  void unless(const family_id& root, F f) {
    const std::lock_guard lock(mutex_);
    if (!roots_.contains(root)) f();
  }

  bool contains(const family_id& root) const {
    const std::lock_guard lock(mutex_);
    return roots_.contains(root);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_multiset<family_id> roots_;
};

}  // namespace banyan::detail
