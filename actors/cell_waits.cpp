#include <algorithm>

#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "persistence/adoption.hpp"

namespace banyan::detail {

bool future_cell::wait(const wait_request& request, std::coroutine_handle<> resume_point) {
  check();
  heed(request.keys);
  wait_.kind = request.kind;
  wait_.keys = request.keys;
  wait_.first.reset();
  wait_.missing = 0;
  wait_.resume_point = resume_point;
  ++wait_.token;
  switch (request.kind) {
    case wait_request::what::all:
    case wait_request::what::any:
    case wait_request::what::some:
      if (wait_for_keys(request.spare)) return true;
      if (request.deadline == no_deadline) break;
      if (request.deadline <= clock_now()) {
        forget_awaited();
        return true;
      }
      arm_wait_timer(request.deadline);
      break;
    case wait_request::what::recorded:
      life_->awaited_steps.store(steps_written_);
      if (life_->durable_steps.load() >= steps_written_) return true;
      break;
    case wait_request::what::signal:
      wait_.name = request.name;
      wait_.deadline = request.deadline;
      if (has_signal(request.name) || request.deadline <= clock_now()) return true;
      arm_look_for_signals();
      break;
    case wait_request::what::until:
      if (request.deadline <= clock_now()) return true;
      arm_wait_timer(request.deadline);
      break;
  }
  wait_.active = true;
  if (waits_for_others()) lend_own_place();
  return false;
}

void future_cell::arm_wait_timer(std::chrono::system_clock::time_point at) {
  wait_.timer =
      engine_.clock().schedule(at, [&e = engine_, l = life_, token = wait_.token, t = motion::token(engine_.moving())] {
        e.post(*l, timer_fired{timer_fired::what::wait, token});
      });
}

/// True if the wait for `wait_.keys` is over before it began.
bool future_cell::wait_for_keys(std::size_t spare) {
  std::size_t open = 0;
  for (std::size_t i = 0; i < wait_.keys.size(); ++i) {
    const outcome_ptr result = result_of(wait_.keys[i]);
    if (result && ends_wait(result->ok())) {
      wait_.first = i;
      forget_awaited();
      return true;
    }
    if (!result && await_key(wait_.keys[i])) ++open;
  }
  wait_.missing = open - std::min(open, spare);
  if (wait_.missing > 0) return false;
  if (open > 0) forget_awaited();
  return true;
}

/// True if this result ends a wait, whatever the others are.
bool future_cell::ends_wait(bool ok) const {
  return wait_.kind == wait_request::what::any || (wait_.kind == wait_request::what::all && !ok);
}

/// Marks a future without a result as awaited. False if it is already.
bool future_cell::await_key(const key& k) {
  if (k.family != family_ || !children_.find(k.index)) return await_foreign(k);
  return !std::exchange(children_.find(k.index)->awaited, true);
}

bool future_cell::await_foreign(const key& k) {
  const auto [it, added] = rarely().foreign.try_emplace(k);
  if (std::exchange(it->second.awaited, true)) return false;
  if (!added) return true;
  try {
    it->second.waiter = engine_.watch(k, [&e = engine_, l = life_, k](const outcome_ptr& result) {
      if (result) e.post(*l, foreign_done{k, result});
    });
  } catch (...) {
    rare_->foreign.erase(it);
    throw;
  }
  return true;
}

void future_cell::forget_future(const key& k) {
  if (!rare_) return;
  const auto it = rare_->foreign.find(k);
  if (it == rare_->foreign.end()) return;
  engine_.waiting().remove(k, it->second.waiter);
  rare_->foreign.erase(it);
}

void future_cell::forget_awaited() {
  for (const key& k : wait_.keys) {
    if (k.family == family_ && children_.find(k.index)) {
      children_.find(k.index)->awaited = false;
    } else if (rare_) {
      if (const auto it = rare_->foreign.find(k); it != rare_->foreign.end()) it->second.awaited = false;
    }
  }
}

/// A result came: goes on with the function if that is what it waited for.
void future_cell::note_result(const key& k, bool ok) {
  if (!wait_.active || wait_.over) return;
  bool* awaited = nullptr;
  if (k.family == family_ && children_.find(k.index)) {
    awaited = &children_.find(k.index)->awaited;
  } else {
    awaited = &rarely().foreign[k].awaited;
  }
  if (!std::exchange(*awaited, false)) return;
  --wait_.missing;
  if (ends_wait(ok)) {
    wait_.first = static_cast<std::size_t>(std::ranges::find(wait_.keys, k) - wait_.keys.begin());
  } else if (wait_.missing > 0) {
    return;
  }
  if (wait_.kind != wait_request::what::all || !ok) forget_awaited();
  wake();
}

void future_cell::wake() {
  take_back_own_place();
  if (lacks_place()) {
    if (wait_.timer) engine_.clock().cancel(std::exchange(wait_.timer, {}));
    wait_.over = true;
    engine_.waiting_places().enter_again(life_, settings(), false);
    return;
  }
  const std::coroutine_handle<> resume_point = wait_.resume_point;
  clear_wait();
  life_->status.store(status::running, std::memory_order_relaxed);
  drive(resume_point);
}

void future_cell::clear_wait() {
  if (wait_.timer) engine_.clock().cancel(std::exchange(wait_.timer, {}));
  if (wait_.active) take_back_own_place();
  wait_.active = false;
  wait_.over = false;
  life_->awaited_steps.store(~0u);
}

void future_cell::heed(std::span<const key> keys) {
  for (const key& k : keys) {
    if (rare_ && is_adopted(k.index) && k == adopted_key(request_number(k))) {
      if (child_table::child* const c = rare_->adopted.find(request_number(k))) c->heeded = true;
      continue;
    }
    if (k.family != family_) continue;
    if (child_table::child* const c = children_.find(k.index)) c->heeded = true;
  }
}

outcome_ptr future_cell::result_of(const key& k) {
  check();
  heed({&k, 1});
  if (k.family == family_) {
    if (const child_table::child* c = children_.find(k.index)) return c->result;
  }
  if (!rare_) return nullptr;
  const auto it = rare_->foreign.find(k);
  return it == rare_->foreign.end() ? nullptr : it->second.result;
}

}  // namespace banyan::detail
