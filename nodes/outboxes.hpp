#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "nodes/outbox.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// One for each node that is connected. Thread-safe.
class outboxes {
 public:
  struct change {
    bool wakes = false;        ///< there is something to send now
    bool full_or_not = false;  ///< it has become full, or is not full any more
    bool full = false;
  };

  void open(incarnation_id to) {
    const std::lock_guard lock(mutex_);
    boxes_[to] = {};
  }
  void close(incarnation_id to) {
    const std::lock_guard lock(mutex_);
    boxes_.erase(to);
  }
  change add(incarnation_id to, const frame& f) {
    return with(to, [&](outbox& box) { return box.add(f); });
  }
  change acknowledged(incarnation_id to, std::uint64_t size) {
    return with(to, [&](outbox& box) {
      box.acknowledged(size);
      return !box.is_empty();
    });
  }
  change take(incarnation_id to, bytes& batch) {
    return with(to, [&](outbox& box) {
      batch = box.take();
      return false;
    });
  }

 private:
  template <class F>
  change with(incarnation_id to, F f) {
    const std::lock_guard lock(mutex_);
    const auto box = boxes_.find(to);
    if (box == boxes_.end()) return {};
    const bool before = box->second.is_full();
    const bool wakes = f(box->second);
    const bool after = box->second.is_full();
    return {wakes, before != after, after};
  }

  std::mutex mutex_;
  std::unordered_map<incarnation_id, outbox> boxes_;
};

}  // namespace banyan::detail
