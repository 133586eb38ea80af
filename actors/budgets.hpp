#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <banyan/error.hpp>
#include <banyan/key.hpp>
#include <banyan/options.hpp>

namespace banyan::detail {

/// Of a future that has a budget, or is below one: what may be made below it. What counts is a place in the tree, that
/// of a child by its number: a call that another attempt, or another run, makes again at its place is there already.
/// Thread-safe; that of the future above has to live as long.
class budgets {
 public:
  /// Null: nothing limits it. `above`: of its parent; `slot`: its own among the children of that.
  static std::unique_ptr<const budgets> of(const budget& own, const key& self, std::uint32_t level,
                                           const budgets* above, std::uint64_t slot);
  /// Of a child or an adopted child (`attempt` of the parent), or of the call of a handler (0).
  static std::uint64_t slot_of(std::uint32_t attempt, std::uint64_t number);

  /// A child is to be made, with arguments of so many bytes: from here on it counts in all budgets, or in none, and
  /// this says why.
  std::optional<error_info> take(std::uint64_t slot, std::size_t bytes) const;
  /// A child is there, whatever the budgets say.
  void count(std::uint64_t slot, std::size_t bytes) const { count_at(place_of_child(slot), bytes); }
  /// One that was taken for was not made.
  void give_back(std::uint64_t slot) const;

  /// For what is deeper: where a child at `slot` of the future at `place` is, and to count it.
  std::uint64_t place() const { return place_; }
  static std::uint64_t place_below(std::uint64_t place, std::uint64_t slot);
  void count_at(std::uint64_t place, std::size_t bytes) const;

  /// Its own budget goes by what is recorded below it.
  bool counts() const;
  /// The same of one above it: what is recorded below it has to stay.
  bool counted_above() const;

 private:
  struct account;

  budgets() = default;
  std::uint64_t place_of_child(std::uint64_t slot) const { return place_below(place_, slot); }
  std::mutex& lock_of_all() const;
  const budgets* innermost() const { return own_ ? this : above_; }

  std::unique_ptr<account> own_;    ///< null: it has none of its own
  const budgets* above_ = nullptr;  ///< the nearest with one of its own
  std::uint64_t place_ = 0;
  std::uint32_t level_ = 0;

 public:
  ~budgets();
};

}  // namespace banyan::detail
