#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace banyan::detail {

/// What waits for room to run, in the order in which it is to be started: fair between trees (one of each in turn),
/// within a tree the deepest level first, within a level in the order of arrival. Not thread-safe.
template <class Entry>
class run_queue {
 public:
  using tree_id = const void*;

  void push(tree_id tree, std::uint32_t level, Entry entry) {
    auto [it, added] = trees_.try_emplace(tree);
    if (added) turns_.push_back(&*it);
    it->second[level].push_back(std::move(entry));
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Precondition: not empty.
  Entry pop() {
    node* const tree = turns_.front();
    turns_.pop_front();
    levels& waiting = tree->second;
    const auto deepest = waiting.begin();
    Entry entry = std::move(deepest->second.front());
    deepest->second.pop_front();
    if (deepest->second.empty()) waiting.erase(deepest);
    --size_;
    if (waiting.empty()) {
      trees_.erase(tree->first);
    } else {
      turns_.push_back(tree);
    }
    return entry;
  }

 private:
  using levels = std::map<std::uint32_t, std::deque<Entry>, std::greater<>>;
  using node = std::pair<const tree_id, levels>;

  std::unordered_map<tree_id, levels> trees_;
  std::deque<node*> turns_;
  std::size_t size_ = 0;
};

}  // namespace banyan::detail
