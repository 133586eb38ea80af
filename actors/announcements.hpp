#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include <banyan/key.hpp>

namespace banyan::detail {

/// The futures of which all nodes were told of late that their records were changed. Who was just not connected is told
/// again. Thread-safe.
class announcements {
 public:
  static constexpr std::chrono::seconds kept{60};
  static constexpr std::size_t most_kept = 1000;

  void add(const key& k) {
    const std::lock_guard lock(mutex_);
    forget_old();
    if (told_.size() == most_kept) told_.pop_front();
    told_.emplace_back(clock::now(), k);
  }
  std::vector<key> latest() {
    const std::lock_guard lock(mutex_);
    forget_old();
    std::vector<key> keys;
    for (const auto& [when, k] : told_) keys.push_back(k);
    return keys;
  }

 private:
  using clock = std::chrono::steady_clock;

  void forget_old() {
    while (!told_.empty() && clock::now() - told_.front().first > kept) told_.pop_front();
  }

  std::mutex mutex_;
  std::deque<std::pair<clock::time_point, key>> told_;
};

}  // namespace banyan::detail
