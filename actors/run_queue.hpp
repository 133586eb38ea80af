#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

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
    level_of(it->second, level).push_back(std::move(entry));
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Takes up to `most` of the entries for which `may_go` holds: nearest to the top of their trees first, of a level
  /// those that would be started last.
  template <class Predicate>
  std::vector<Entry> take_top(std::size_t most, Predicate may_go) {
    std::vector<Entry> taken;
    for (std::uint32_t level = 0; taken.size() < most; ++level) {
      bool deeper = false;
      for (node* const tree : turns_) deeper |= take_level(tree->second, level, most, may_go, taken);
      if (!deeper) break;
    }
    size_ -= taken.size();
    std::erase_if(turns_, [this](const node* tree) { return tree->second.empty() && trees_.erase(tree->first) > 0; });
    return taken;
  }

  /// Precondition: not empty.
  Entry pop() {
    node* const tree = turns_.front();
    turns_.pop_front();
    levels& waiting = tree->second;
    const auto deepest = waiting.begin();
    Entry entry = std::move(deepest->second.front());
    deepest->second.pop_front();
    if (deepest->second.empty()) set_aside(waiting.extract(deepest));
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

  /// True if there is something below that level.
  template <class Predicate>
  static bool take_level(levels& waiting, std::uint32_t level, std::size_t most, Predicate may_go,
                         std::vector<Entry>& taken) {
    if (const auto found = waiting.find(level); found != waiting.end()) {
      std::deque<Entry> stay;
      for (std::deque<Entry>& all = found->second; !all.empty(); all.pop_back()) {
        const bool goes = taken.size() < most && may_go(all.back());
        goes ? taken.push_back(std::move(all.back())) : stay.push_front(std::move(all.back()));
      }
      found->second = std::move(stay);
      if (found->second.empty()) waiting.erase(found);
    }
    return !waiting.empty() && waiting.begin()->first > level;
  }

  std::deque<Entry>& level_of(levels& waiting, std::uint32_t level) {
    const auto it = waiting.lower_bound(level);
    if (it != waiting.end() && it->first == level) return it->second;
    if (spare_.empty()) return waiting.emplace_hint(it, level, std::deque<Entry>())->second;
    spare_.key() = level;
    return waiting.insert(it, std::exchange(spare_, {}))->second;
  }

  /// A level comes and goes with every few entries, so its memory is kept for the next one.
  void set_aside(typename levels::node_type emptied) {
    if (spare_.empty()) spare_ = std::move(emptied);
  }

  std::unordered_map<tree_id, levels> trees_;
  std::deque<node*> turns_;
  typename levels::node_type spare_;
  std::size_t size_ = 0;
};

}  // namespace banyan::detail
