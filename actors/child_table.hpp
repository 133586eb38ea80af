#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include <banyan/detail/outcome.hpp>
#include <banyan/options.hpp>
#include <banyan/status.hpp>

namespace banyan::detail {

/// What a future knows of the numbers of its current attempt: its children's results and gauges. Steps take up
/// a number too, but nothing else here. Pure.
class child_table {
 public:
  enum class state : std::uint8_t {
    none,    ///< a step
    open,    ///< has no result yet
    done,    ///< has a result; something below it is open
    closed,  ///< settled
  };

  struct child {
    outcome_ptr result;
    double calculated = 0;
    double weight = 0;
    child_table::state state = child_table::state::none;
    banyan::on_parent_done policy = banyan::on_parent_done::follow;
    bool awaited = false;
    bool promise = false;  ///< its result comes from outside
    bool handled = false;  ///< it has handlers
    bool heeded = false;   ///< the function has asked for its result, or cancelled it
  };

  std::uint64_t size() const { return children_.size(); }
  child* find(std::uint64_t number);

  void add_step() { children_.emplace_back(); }
  /// Adds the next number as an open child.
  void add_child(banyan::on_parent_done policy, double weight, bool handled = false);
  /// Adds what a record holds beyond the numbers that the function has reached.
  child& adopt(std::uint64_t number, banyan::on_parent_done policy, double weight);

  /// A child's result. False if it is no news.
  bool finish(std::uint64_t number, outcome_ptr result, double calculated, double weight);
  /// False if it is no news.
  bool close(std::uint64_t number);
  /// Leaves an open child to itself.
  void forget(std::uint64_t number) { children_[number].state = state::none; }
  /// A gauge never goes back. False if it is no news.
  bool report(std::uint64_t number, double calculated, double weight);

  /// The numbers of the children that are not closed and for which `wanted(policy)` holds.
  template <class Predicate>
  std::vector<std::uint64_t> unsettled(Predicate wanted) const {
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t i = 0; i < children_.size(); ++i) {
      const child& c = children_[i];
      if ((c.state == state::open || c.state == state::done) && wanted(c.policy)) numbers.push_back(i);
    }
    return numbers;
  }

  bool any_failed() const {
    return std::ranges::any_of(children_, [](const child& c) { return c.result && !c.result->ok(); });
  }

  /// The first child that is no success; but for those that the function has heeded, and detached ones, which are
  /// nobody's, unless `of_any` is to be known.
  std::optional<std::uint64_t> first_failure(bool of_any) const {
    const auto it = std::ranges::find_if(children_, [of_any](const child& c) {
      const bool nobodys = c.heeded || c.policy == on_parent_done::detach;
      return c.result && !c.result->ok() && (of_any || !nobodys);
    });
    if (it == children_.end()) return std::nullopt;
    return static_cast<std::uint64_t>(it - children_.begin());
  }

  double calculated() const { return calculated_; }
  double weight() const { return unknown_ > 0 ? unknown_weight : weight_; }
  bool has_children() const { return has_children_; }

  /// Forgets everything, for the next attempt.
  void clear() { *this = child_table(); }

 private:
  void update(child& c, double calculated, double weight);

  std::vector<child> children_;
  double calculated_ = 0;
  double weight_ = 0;          ///< of those whose weight is known
  std::uint64_t unknown_ = 0;  ///< children whose weight is not
  bool has_children_ = false;
};

}  // namespace banyan::detail
