#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include <banyan/key.hpp>

namespace banyan::detail {

/// Those that wait for a place in a queue, in the order in which they are to have one: by priority, the highest first;
/// of one priority fair between trees, one of each in turn; within a tree in the order of arrival. Of those with equal
/// keys no more are in front, or have a place, than may have one at a time: the rest stands behind, in the same order.
/// Not thread-safe.
template <class Entry>
class waiting_line {
 public:
  using tree_id = const void*;

  struct order {
    int below_priority = 0;  ///< its complement: the highest comes first
    std::uint64_t round = 0;
    std::uint64_t arrival = 0;
    auto operator<=>(const order&) const = default;
  };
  struct waiting {
    key who;
    Entry what;
    tree_id tree = nullptr;
    int priority = 0;
    std::uint64_t group = 0;  ///< a digest of its key; 0: it has none
  };
  using line = std::map<order, waiting>;

  /// `most_of_group`: how many of one key may have a place at a time; 0: any number.
  explicit waiting_line(std::uint32_t most_of_group) : most_of_group_(most_of_group) {}

  /// `first`: before all others of its priority.
  void push(waiting w, bool first = false) {
    turns& t = turns_[{w.tree, w.priority}];
    ++t.waiting;
    if (!first) t.last = std::max(round_of(w.priority), t.last) + 1;
    const order at{~w.priority, first ? 0 : t.last, ++arrivals_};
    where_.emplace(w.who, spot{at, w.group});
    group* const g = group_of(w.group);
    if (!g) {
      front_.emplace(at, std::move(w));
      return;
    }
    g->behind.emplace(at, std::move(w));
    move_up(*g);
    // One that came before it may have its turn after it.
    if (!g->ahead.empty() && g->behind.contains(at) && at < *g->ahead.rbegin()) {
      move_back(*g);
      move_up(*g);
    }
  }

  /// Those that may have a place if there is one.
  const line& front() const { return front_; }
  std::size_t size() const { return where_.size(); }
  bool empty() const { return where_.empty(); }

  /// It has a place now; `leave` is to be called with its group when it gives that back. Nothing: it does not wait.
  std::optional<waiting> admit(const key& who) {
    const auto it = where_.find(who);
    if (it == where_.end()) return std::nullopt;
    const spot at = it->second;
    group* const g = group_of(at.group);
    waiting w = extract(at);
    rounds_[w.priority] = std::max(rounds_[w.priority], at.at.round);
    if (g) {
      ++g->placed;
      if (g->in_front() > most_of_group_ && !g->ahead.empty()) move_back(*g);
    }
    return w;
  }
  /// A place that one of this group had is free.
  void leave(std::uint64_t of) {
    group* const g = group_of(of);
    if (!g) return;
    --g->placed;
    settle(of, *g);
  }

  /// Takes one out that is not to have a place any more. Nothing: it does not wait.
  std::optional<Entry> withdraw(const key& who) {
    const auto it = where_.find(who);
    if (it == where_.end()) return std::nullopt;
    return take(it->second);
  }
  /// Takes all out for which `wanted` holds.
  template <class Predicate>
  std::vector<Entry> withdraw_if(Predicate wanted) {
    std::vector<spot> found;
    const auto look_at = [&](const line& l) {
      for (const auto& [at, w] : l) {
        if (wanted(w.what)) found.push_back({at, w.group});
      }
    };
    look_at(front_);
    for (const auto& [of, g] : groups_) look_at(g.behind);
    std::vector<Entry> taken;
    for (const spot& s : found) taken.push_back(take(s));
    return taken;
  }

 private:
  /// Of one tree and priority.
  struct turns {
    std::size_t waiting = 0;
    std::uint64_t last = 0;  ///< round in which one of them has its turn
  };
  struct group {
    std::uint32_t placed = 0;
    std::set<order> ahead;  ///< those that are in front
    line behind;
    std::size_t in_front() const { return placed + ahead.size(); }
  };
  struct spot {
    order at;
    std::uint64_t group = 0;
  };
  struct turns_hash {
    std::size_t operator()(const std::pair<tree_id, int>& p) const {
      return std::hash<tree_id>{}(p.first) ^ static_cast<std::size_t>(p.second) * 0x9E3779B97F4A7C15ull;
    }
  };

  std::uint64_t round_of(int priority) const {
    const auto it = rounds_.find(priority);
    return it == rounds_.end() ? 0 : it->second;
  }

  /// Null where groups have no limit.
  group* group_of(std::uint64_t of) { return of == 0 || most_of_group_ == 0 ? nullptr : &groups_[of]; }

  Entry take(const spot s) {
    waiting w = extract(s);
    if (group* const g = group_of(s.group)) settle(s.group, *g);
    return std::move(w.what);
  }

  waiting extract(const spot s) {
    group* const g = group_of(s.group);
    const bool waits_behind = g && g->ahead.erase(s.at) == 0;
    auto node = (waits_behind ? g->behind : front_).extract(s.at);
    forget(node.mapped());
    return std::move(node.mapped());
  }

  void settle(std::uint64_t of, group& g) {
    move_up(g);
    if (g.in_front() == 0) groups_.erase(of);
  }

  void move_up(group& g) {
    while (!g.behind.empty() && g.in_front() < most_of_group_) {
      g.ahead.insert(g.behind.begin()->first);
      front_.insert(g.behind.extract(g.behind.begin()));
    }
  }

  /// The last of those in front.
  void move_back(group& g) {
    const auto last = std::prev(g.ahead.end());
    g.behind.insert(front_.extract(*last));
    g.ahead.erase(last);
  }

  void forget(const waiting& w) {
    where_.erase(w.who);
    const auto t = turns_.find({w.tree, w.priority});
    if (--t->second.waiting == 0) turns_.erase(t);
    if (where_.empty()) rounds_.clear();
  }

  const std::uint32_t most_of_group_;
  line front_;
  std::unordered_map<std::uint64_t, group> groups_;
  std::unordered_map<key, spot> where_;
  std::unordered_map<std::pair<tree_id, int>, turns, turns_hash> turns_;
  std::map<int, std::uint64_t> rounds_;  ///< of a priority: the last that had a turn
  std::uint64_t arrivals_ = 0;
};

}  // namespace banyan::detail
