#include "actors/lifecycle.hpp"

namespace banyan::detail {

bool retries(const retry_policy& retry, std::uint32_t attempt, const error_info& why, bool from_child) {
  if (attempt >= retry.max_attempts) return false;
  if (from_child && !retry.child_failures) return false;
  return why.code != errc::permanent && why.code != errc::bad_payload && why.code != errc::too_large &&
         why.code != errc::budget_exceeded;
}

effects lifecycle::start() {
  if (phase_ != phase::idle) return 0;
  phase_ = phase::running;
  function_alive_ = true;
  attempt_recorded_ = false;
  return start_function;
}

effects lifecycle::resume_decided(outcome_ptr recorded) {
  phase_ = phase::decided;
  result_ = std::move(recorded);
  return stopping(*result_);
}

effects lifecycle::function_returned(outcome_ptr value) {
  function_alive_ = false;
  if (phase_ != phase::running) return next();
  return decide(std::move(value));
}

effects lifecycle::function_pending() {
  function_alive_ = false;
  if (phase_ == phase::running) phase_ = phase::outside;
  return next();
}

effects lifecycle::function_failed(outcome_ptr error, bool from_child, const retry_policy& retry) {
  function_alive_ = false;
  if (phase_ != phase::running && phase_ != phase::outside) return next();
  if (!retries(retry, attempt_, *error->failure, from_child)) return decide(std::move(error));
  phase_ = phase::draining;
  failure_ = std::move(error);
  return stop_children | record_attempt;
}

effects lifecycle::function_gone() {
  function_alive_ = false;
  return next();
}

effects lifecycle::child_closed() {
  --open_children_;
  return next();
}

effects lifecycle::lingering_child_closed() {
  --lingering_children_;
  return next();
}

effects lifecycle::attempt_recorded() {
  // It may be of an earlier attempt, asked for by an actor that died.
  if (phase_ != phase::draining) return 0;
  attempt_recorded_ = true;
  return next();
}

effects lifecycle::backed_off() {
  if (phase_ != phase::backing_off) return 0;
  ++attempt_;
  phase_ = phase::idle;
  return start();
}

effects lifecycle::result_recorded(outcome_ptr actual) {
  if (phase_ >= phase::decided) return 0;
  const bool ours = phase_ == phase::recording && result_->status == actual->status;
  phase_ = phase::decided;
  result_ = std::move(actual);
  if (ours) return next();
  return stopping(*result_) | (function_alive_ ? abort_function : 0u) | next();
}

effects lifecycle::stop(outcome_ptr result) {
  if (undecided()) return decide(std::move(result));
  return phase_ == phase::settled ? 0u : stop_children;
}

effects lifecycle::decide(outcome_ptr result) {
  phase_ = phase::recording;
  result_ = std::move(result);
  return stopping(*result_) | (function_alive_ ? abort_function : 0u) | record_result;
}

effects lifecycle::stopping(const outcome& result) const { return result.ok() ? stop_bound_children : stop_children; }

effects lifecycle::next() {
  if (phase_ == phase::draining && attempt_recorded_ && open_children_ == 0) {
    phase_ = phase::backing_off;
    return back_off;
  }
  if (phase_ == phase::decided && closing()) {
    phase_ = phase::settled;
    return settle;
  }
  return 0;
}

}  // namespace banyan::detail
