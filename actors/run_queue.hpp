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

/// What waits for room to run, in the order in which it is to be started: the highest priority first; of one priority
/// fair between trees (one of each in turn), within a tree the deepest level first, within a level in the order of
/// arrival. Not thread-safe.
template <class Entry>
class run_queue {
 public:
  using tree_id = const void*;

  void push(tree_id tree, std::uint32_t level, Entry entry, int priority = 0) {
    auto [it, added] = trees_.try_emplace(part{tree, priority});
    if (added) turns_[priority].push_back(&*it);
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
      for (const auto& [priority, turns] : turns_) {
        for (node* const tree : turns) deeper |= take_level(tree->second, level, most, may_go, taken);
      }
      if (!deeper) break;
    }
    size_ -= taken.size();
    for (auto& [priority, turns] : turns_) {
      std::erase_if(turns, [this](const node* tree) { return tree->second.empty() && trees_.erase(tree->first) > 0; });
    }
    std::erase_if(turns_, [](const auto& t) { return t.first != 0 && t.second.empty(); });
    return taken;
  }

  /// Precondition: not empty.
  Entry pop() {
    auto highest = turns_.begin();
    while (highest->second.empty()) ++highest;
    std::deque<node*>& turns = highest->second;
    node* const tree = turns.front();
    turns.pop_front();
    levels& waiting = tree->second;
    const auto deepest = waiting.begin();
    Entry entry = std::move(deepest->second.front());
    deepest->second.pop_front();
    if (deepest->second.empty()) set_aside(waiting.extract(deepest));
    --size_;
    if (waiting.empty()) {
      trees_.erase(tree->first);
    } else {
      turns.push_back(tree);
    }
    // That of all who were given none stays.
    if (turns.empty() && highest->first != 0) turns_.erase(highest);
    return entry;
  }

 private:
  using levels = std::map<std::uint32_t, std::deque<Entry>, std::greater<>>;
  /// What has one priority in a tree.
  struct part {
    tree_id tree;
    int priority;
    bool operator==(const part&) const = default;
  };
  struct part_hash {
    std::size_t operator()(const part& p) const {
      return std::hash<tree_id>{}(p.tree) ^ static_cast<std::size_t>(p.priority) * 0x9E3779B97F4A7C15ull;
    }
  };
  using node = std::pair<const part, levels>;

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

  std::unordered_map<part, levels, part_hash> trees_;
  std::map<int, std::deque<node*>, std::greater<>> turns_;
  typename levels::node_type spare_;
  std::size_t size_ = 0;
};

}  // namespace banyan::detail
