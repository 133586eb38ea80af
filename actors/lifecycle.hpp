#pragma once

#include <cstdint>

#include <banyan/detail/outcome.hpp>
#include <banyan/options.hpp>

namespace banyan::detail {

/// What the owner of a lifecycle has to do after an event, as a set of bits. They are carried out in this order.
enum effect : unsigned {
  abort_function = 1,        ///< the function is suspended and is to be ended
  record_attempt = 2,        ///< `failure()` as the error of `attempt()`; then call `attempt_recorded`
  record_result = 4,         ///< `result()`; then call `result_recorded`
  stop_children = 8,         ///< all children but detached ones; what they write comes after the above
  stop_bound_children = 16,  ///< the children that end with their parent
  back_off = 32,             ///< wait for the delay before the next attempt; then call `backed_off`
  start_function = 64,       ///< for attempt `attempt()`
  settle = 128,              ///< it is over: nothing more will happen
};
using effects = unsigned;

/// The life of one future as a state machine: (state, event) -> (state, effects). It knows no clock, no store and no
/// actor. Events that come too late for the state are ignored.
///
///   running --value--> recording --> decided --children closed--> settled
///   running --failure, retry--> draining --children closed, attempt recorded--> backing_off --> running
///   running --pending--> outside --external result--> decided
///   outside --failure of a child--> recording, or draining
///   any undecided --cancel, deadline--> recording
class lifecycle {
 public:
  enum class phase : std::uint8_t { idle, running, outside, draining, backing_off, recording, decided, settled };

  explicit lifecycle(std::uint32_t failed_attempts = 0) : attempt_(failed_attempts + 1) {}

  /// Starts the current attempt.
  effects start();
  /// For a future whose record has a result already.
  effects resume_decided(outcome_ptr recorded);

  effects function_returned(outcome_ptr value);
  effects function_pending();
  /// The function threw, or what it left its result to failed. `from_child`: the error came up from a child.
  effects function_failed(outcome_ptr error, bool from_child, const retry_policy& retry);
  /// The function was ended without an answer.
  effects function_gone();

  void child_opened() { ++open_children_; }
  effects child_closed();
  /// A child that does not end with the attempt that spawned it: only the end of the future waits for it.
  void child_lingers() { ++lingering_children_; }
  effects lingering_child_closed();

  effects attempt_recorded();
  effects backed_off();
  /// The record holds `actual`, whoever wrote it. Also for results from outside.
  effects result_recorded(outcome_ptr actual);

  /// It is to end with `result` unless it has one; its children are to be stopped in any case.
  effects stop(outcome_ptr result);

  phase current() const { return phase_; }
  std::uint32_t attempt() const { return attempt_; }
  std::uint64_t open_children() const { return open_children_; }
  bool function_alive() const { return function_alive_; }
  bool undecided() const { return phase_ < phase::recording; }
  /// While a result is being recorded: nothing can be open below it any more.
  bool closing() const { return open_children_ == 0 && lingering_children_ == 0 && !function_alive_; }
  const outcome_ptr& result() const { return result_; }
  const outcome_ptr& failure() const { return failure_; }

 private:
  effects decide(outcome_ptr result);
  effects stopping(const outcome& result) const;
  effects next();

  phase phase_ = phase::idle;
  bool function_alive_ = false;
  bool attempt_recorded_ = false;
  std::uint32_t attempt_;
  std::uint64_t open_children_ = 0;
  std::uint64_t lingering_children_ = 0;
  outcome_ptr result_;
  outcome_ptr failure_;
};

/// True when a failed attempt is to be followed by another.
bool retries(const retry_policy& retry, std::uint32_t attempt, const error_info& why, bool from_child);

}  // namespace banyan::detail
