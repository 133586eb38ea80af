#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <banyan/detail/label.hpp>
#include <banyan/handler.hpp>
#include <banyan/retry.hpp>

namespace banyan {

/// What a child does when its parent is done.
enum class on_parent_done : unsigned char {
  follow = 0,  ///< goes on when the parent succeeded; is cancelled when the parent failed or was cancelled
  cancel = 1,  ///< is cancelled as soon as the parent has a result
  detach = 2,  ///< goes on whatever happens
};

/// Which records below a future stay in the store once it is settled. Children take their parent's choice unless they
/// are given one.
enum class keep : unsigned char {
  all = 0,     ///< until the tree is forgotten
  failed = 1,  ///< if it did not succeed; below a success all go, failures too
  none = 2,
};

/// On which node of a cluster a future runs. In a runtime that is no node all is local.
struct placement {
  enum class kind : unsigned char {
    local = 0,         ///< where it is spawned, until a node that has nothing to do takes it before it has started
    spread = 1,        ///< one node after the other
    least_loaded = 2,  ///< the node with the least to do
    role = 3,          ///< any node with the role `name`; waits for one where there is none
    on = 4,            ///< the node with the name `name`; waits for it where it is not there
  };

  kind how = kind::local;
  detail::label name{};

  static placement local() { return {}; }
  static placement spread() { return {kind::spread, {}}; }
  static placement least_loaded() { return {kind::least_loaded, {}}; }
  static placement role(detail::label name) { return {kind::role, std::move(name)}; }
  static placement on(detail::label node) { return {kind::on, std::move(node)}; }
};

/// How much there may be below a future, in all its attempts. A child that another attempt, or another run, calls again
/// at the same number of its parent counts once.
struct budget {
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  std::int64_t descendants = unlimited;  ///< futures; at least 0
  std::int64_t depth = unlimited;        ///< levels; 1: children and no grandchildren; at least 1
  std::int64_t bytes = unlimited;        ///< of the encoded arguments of all of them together; at least 1

  bool limits() const { return descendants != unlimited || depth != unlimited || bytes != unlimited; }
};

/// The most bytes that a name may have: a future's name and id, those of queues, their keys, schedules, signals, steps,
/// promises, registered functions, and of roles and nodes in a placement.
inline constexpr std::size_t max_name = 1024;

/// How one future is to be run. All are optional; use designated initialisers. Recorded with the future: a re-run of
/// its parent does not change them. A value out of range throws `error` (`invalid_argument`) at `spawn`; so does a name
/// above `max_name`. What handlers hold is bounded as arguments are (`too_large`).
struct options {
  detail::label name{};  ///< a string: a label for people; the function's name where empty
  detail::label id{};    ///< a string, for roots and `adopt`: an idempotency name; the same id is the same future

  /// How much there is to do, in the unit of the parent's progress; at least 0. `unknown_weight` gives way to the sum
  /// of its children's weights.
  std::optional<double> weight{};
  retry_policy retry{};
  std::optional<std::chrono::milliseconds> timeout{};      ///< from the start time to the result, all attempts together
  std::optional<std::chrono::milliseconds> start_after{};  ///< from `spawn`; not together with `start_at`
  std::optional<std::chrono::system_clock::time_point> start_at{};  ///< a time in the past: at once
  /// Future functions that are called with this future's handle when something becomes of it; see `handlers`.
  handlers on_success{};
  handlers on_failure{};  ///< when it failed or was cancelled
  handlers on_progress{};
  handlers on_all_children_success{};                                      ///< at once where it has none
  handlers on_all_children_settled{};                                      ///< however they ended, and however it did
  banyan::on_parent_done on_parent_done = banyan::on_parent_done::follow;  ///< for children only
  std::optional<banyan::keep> keep{};                                      ///< nothing: the parent's; of a root `all`
  /// For roots only: how long the tree is kept once it has settled, a second at least; nothing: as long as
  /// `runtime_options::retention` says. What is an hour or longer ends as that does.
  std::optional<std::chrono::seconds> retention{};
  bool durable = true;    ///< false: kept in this process's memory only; run again instead of recovered
  bool blocking = false;  ///< runs on a thread of its own and may block
  /// The name of one of `runtime_options::queues`: starts when it has a place in it. Known where it is spawned and
  /// where it runs; `error` (`unknown_queue`) otherwise.
  detail::label queue{};
  detail::label queue_key{};  ///< with a queue: those with the same key are limited by `key_concurrency`
  /// Of those that wait for room or for a place, the highest starts first; nothing: the parent's; of a root 0.
  std::optional<int> priority{};
  banyan::placement placement{};  ///< in a cluster; a future that is not durable, or below a budget, is always local
  /// Of what is below it. What would exceed it is not made: `spawn`, `promise` and `adopt` throw `error`
  /// (`budget_exceeded`), in each run of the function alike. Handlers count, and are never refused.
  banyan::budget budget{};
};

}  // namespace banyan
