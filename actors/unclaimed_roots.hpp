#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <vector>

#include <banyan/key.hpp>

#include "messages/record.hpp"

namespace banyan::detail {

/// Roots that are listed as ours and were recorded by another process, which claims its place in the list, unless it
/// has died in between: then they are ours after all. Thread-safe.
class unclaimed_roots {
 public:
  /// `due`: if it was not claimed by then, nobody will.
  void add(const family_id& root, millis due) {
    const std::lock_guard lock(mutex_);
    due_.insert_or_assign(root, due);
  }

  void remove(const family_id& root) {
    const std::lock_guard lock(mutex_);
    due_.erase(root);
  }

  bool contains(const family_id& root) const {
    const std::lock_guard lock(mutex_);
    return due_.contains(root);
  }

  /// Some of those whose time has come.
  std::vector<family_id> due(millis now) const {
    constexpr std::size_t most_at_once = 256;
    std::vector<family_id> found;
    const std::lock_guard lock(mutex_);
    for (const auto& [root, due] : due_) {
      if (due <= now) found.push_back(root);
      if (found.size() == most_at_once) break;
    }
    return found;
  }

 private:
  mutable std::mutex mutex_;
  std::map<family_id, millis> due_;
};

}  // namespace banyan::detail
