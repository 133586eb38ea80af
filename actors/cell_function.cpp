#include <cmath>

#include <banyan/detail/bound_call.hpp>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/future_cell.hpp"
#include "actors/run_stopped.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "messages/names.hpp"

namespace banyan::detail {

void future_cell::run_function() {
  if (loaded_attempt_ != cycle_.attempt()) {
    children_.clear();
    failed_before_ = false;
    next_number_ = 0;
    header_written_ = false;
    if (rare_) {
      rare_->signals = {};
      rare_->sent = {};
    }
    load_history();
    child_gauges_changed();
  }
  life_->status.store(status::running, std::memory_order_relaxed);
  invocation i;
  try {
    const activation_scope scope(this);
    running_.set(engine_.marks(), life_->self);
    i = ticket_->function->invoke(*ticket_->function, context_, ticket_->arguments);
  } catch (...) {
    function_threw(std::current_exception());
    return;
  }
  if (!i.coroutine) {
    function_answered(std::move(i));
    return;
  }
  coroutine_ = std::move(i.coroutine);
  drive(coroutine_->handle());
}

/// Resumes the function's coroutine, at its start or where it was suspended.
void future_cell::drive(std::coroutine_handle<> h) {
  {
    const activation_scope scope(this);
    running_.set(engine_.marks(), life_->self);
    h.resume();
  }
  if (!coroutine_->handle().done()) {
    function_suspended();
    return;
  }
  invocation i;
  try {
    i.pending = coroutine_->is_pending();
    if (!i.pending) i.value = coroutine_->finish();
    coroutine_.reset();
  } catch (...) {
    coroutine_.reset();
    function_threw(std::current_exception());
    return;
  }
  function_answered(std::move(i));
}

void future_cell::function_suspended() {
  running_.clear();
  if (aborting_) return;
  if (!wait_.active) {
    coroutine_.reset();
    function_threw(std::make_exception_ptr(
        error(errc::invalid_argument, "the function awaits something that is no future, step or task of Banyan's")));
    return;
  }
  life_->status.store(status::waiting, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
}

/// The function's code has come to its end, and the process lives.
void future_cell::ended() {
  running_.clear();
  // A critical section is left when there is no attempt to come.
  if (!ticket_->place || !ticket_->place->section()) leave_queue();
  if (std::exchange(suspect_, false)) engine_.marks()->absolve(life_->self);
}

void future_cell::function_answered(invocation i) {
  ended();
  leave_queue();
  if (aborting_) return;
  if (stopped_for_) {
    park(std::move(*stopped_for_));
    return;
  }
  try {
    if (history_ && !history_->exhausted()) {
      stop_for(
          {errc::nondeterminism,
           "the record holds number " + history_->describe_next() + ", but the function ended without asking for it",
           std::string(function_name()), life_->self});
    }
    if (!i.pending) {
      check_payload(i.value, max_payload(), max_depth(), "the result of " + std::string(function_name()));
    }
  } catch (...) {
    function_threw(std::current_exception());
    return;
  }
  history_.reset();
  if (i.pending) {
    life_->status.store(status::waiting, std::memory_order_relaxed);
    engine_.gauges().touch(life_);
    apply(cycle_.function_pending());
    if (!finished_) heed_children();
  } else {
    apply(cycle_.function_returned(make_success(std::move(i.value))));
  }
}

void future_cell::function_threw(std::exception_ptr thrown) {
  ended();
  if (aborting_) return;
  if (engine_.fenced()) {
    // Whatever it is: it cannot be recorded, and others go on with this future.
    on(leave{});
    return;
  }
  error_info why{errc::failed, "an exception that is no std::exception", std::string(function_name()), life_->self};
  bool from_child = false;
  try {
    std::rethrow_exception(thrown);
  } catch (const cancelled& e) {
    if (life_->must_stop()) {
      leave_queue();
      apply(cycle_.function_gone());
      on(stop_requested{});
      return;
    }
    if (engine_.stopping()) {
      on(leave{});
      return;
    }
    why.message = "what it waited for was cancelled: " + std::string(e.message());
    if (e.origin()) why.origin = e.origin();
    from_child = true;
  } catch (const error& e) {
    if (e.code() == errc::stopped && engine_.stopping()) {
      on(leave{});
      return;
    }
    why = e.info();
    from_child = why.origin && *why.origin != life_->self;
    if (!why.origin) {
      why.origin = life_->self;
      why.function = function_name();
    }
  } catch (const std::exception& e) {
    why.message = e.what();
  } catch (const run_stopped&) {
  } catch (...) {
  }
  if (stopped_for_) {
    park(std::move(*stopped_for_));
    return;
  }
  why.message = cut_message(std::move(why.message));
  take_up_rest();
  apply(cycle_.function_failed(make_failure(std::move(why)), from_child,
                               retries_below_ ? retry_policy{} : settings().retry));
  const lifecycle::phase now = cycle_.current();
  if (now != lifecycle::phase::draining && now != lifecycle::phase::backing_off) leave_queue();
  release_held();
}

void future_cell::stop_for(error_info why) {
  if (!stopped_for_) stopped_for_ = std::move(why);
  throw run_stopped{};
}

/// A coroutine that was cancelled sees `cancelled` thrown where it is suspended, and may clean up; where it
/// suspends again it is destroyed.
void future_cell::abort_suspended_function() {
  const std::coroutine_handle<> resume_point = wait_.resume_point;
  const bool suspended = wait_.active;
  clear_wait();
  aborting_ = true;
  if (coroutine_ && suspended) drive(resume_point);
  clear_wait();
  coroutine_.reset();
  history_.reset();
  leave_queue();
  apply(cycle_.function_gone());
}

/// Ends the function without a trace: no handler of it runs, only destructors.
void future_cell::leave_function() {
  clear_wait();
  coroutine_.reset();
}

std::chrono::system_clock::time_point future_cell::clock_now() const { return engine_.clock().now(); }

bool future_cell::is_cancelled() const { return aborting_ || life_->must_stop() || engine_.stopping(); }

bool future_cell::is_leaving() const { return engine_.stopping(); }

options future_cell::handed_down() const {
  options opts{.retry = settings().retry, .blocking = settings().blocking};
  if (life_->priority != 0) opts.priority = life_->priority;
  return opts;
}

void future_cell::check() const {
  if (stopped_for_) throw run_stopped{};
  if (aborting_ || life_->must_stop()) throw cancelled(life_->stop_reason());
}

void future_cell::resumed() { check(); }

void future_cell::require_blocking(std::string_view call) const {
  if (!settings().blocking) {
    throw error(errc::would_block,
                std::string(call) +
                    " would block a thread that other futures need: use co_await, or run this function "
                    "with options{.blocking = true}");
  }
}

void future_cell::enter_blocking(std::string_view call) {
  require_blocking(call);
  running_.clear();
  life_->status.store(status::waiting, std::memory_order_relaxed);
  lend_own_place();
  room_.give_back();
}

void future_cell::leave_blocking() {
  take_back_own_place();
  if (lacks_place()) take_place(engine_.waiting_places().wait_for_place(life_, settings()));
  running_.set(engine_.marks(), life_->self);
  life_->status.store(status::running, std::memory_order_relaxed);
}

std::optional<key> future_cell::parent_key() const {
  if (!life_->parent) return std::nullopt;
  return life_->parent->self;
}

std::uint32_t future_cell::runtime_id() const { return engine_.id(); }

std::size_t future_cell::max_payload() const { return engine_.config().limits.max_payload; }

std::size_t future_cell::max_depth() const { return engine_.config().limits.max_depth; }

void future_cell::log(std::string_view message) {
  engine_.log(log_level::info, std::string(function_name()) + " " + life_->self.str() + ": " + std::string(message));
}

void future_cell::set_progress(double local) {
  if (!(local >= 0) || std::isinf(local)) {
    throw error(errc::invalid_argument, "set_progress takes a finite number that is not negative");
  }
  if (local <= life_->local.load(std::memory_order_relaxed)) return;
  life_->local.store(local, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
}

void future_cell::set_weight(double weight) {
  if (!(weight >= 0)) throw error(errc::invalid_argument, "set_weight takes a number that is not negative");
  life_->own_weight.store(weight, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
}

void future_cell::save_state(bytes state) {
  check_payload(state, max_payload(), max_depth(), "a checkpoint of " + std::string(function_name()));
  // What this version has kept is for no other.
  if (ticket_->version == any_version) write_header_once();
  const std::uint64_t part = begin_part();
  write state_write{write::what::state, life_->self.family, life_->self.index, 0, encode_checkpoint(part, state)};
  if (state == rarely().checkpoint.state) {
    engine_.data().write(life_->durable, std::move(state_write));
  } else {
    write_new(life_->durable, std::move(state_write));
  }
  rare_->checkpoint = {part, std::move(state)};
}

const bytes& future_cell::saved_state() {
  const checkpoint_record& there = rarely().checkpoint;
  resume_part(there.part);
  return there.state;
}

void future_cell::spawn_root(const options& opts, const bound_call& call, bytes state) {
  check();
  engine_.data().journal_of(life_->durable).flush();
  const function_entry* const newest = find_function({call.function, any_version});
  engine_.spawn_root(opts, {call.function, newest ? newest->version : any_version}, call.complete(0, ""),
                     write{write::what::state, life_->self.family, life_->self.index, 0, state});
  rarely().checkpoint = {0, std::move(state)};
}

std::chrono::system_clock::time_point future_cell::created_at() const { return from_millis(ticket_->created); }

std::chrono::system_clock::time_point future_cell::scheduled_at() const {
  return from_millis(ticket_->start_at != 0 ? ticket_->start_at : ticket_->created);
}

}  // namespace banyan::detail
