#include "actors/future_cell.hpp"

#include <atomic>

#include <banyan/detail/recorded_run.hpp>

#include "actors/engine.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {
namespace {

std::atomic<std::size_t> cells{0};

}  // namespace

std::size_t live_cells() { return cells.load(); }

future_cell::future_cell(engine& e, ticket_ptr t, life_ptr l, admission::room r)
    : engine_(e), here_(e.stay()), ticket_(std::move(t)), life_(std::move(l)), context_(*this), room_(std::move(r)) {
  cells.fetch_add(1);
}

future_cell::~future_cell() {
  clear_wait();
  if (rare_) {
    for (const auto& [k, f] : rare_->foreign) engine_.waiting().remove(k, f.waiter);
    engine_.clock().cancel(rare_->back_off_timer);
    engine_.clock().cancel(rare_->deadline_timer);
  }
  leave_function();
  cells.fetch_sub(1);
}

future_cell::rare& future_cell::rarely() {
  if (!rare_) rare_ = std::make_unique<rare>();
  return *rare_;
}

void future_cell::receive(mail m) {
  if (finished_) return;
  try {
    std::visit([this](auto&& what) { on(std::move(what)); }, std::move(m));
    look_after_handlers();
  } catch (const error& e) {
    if (!waits_for_store(e)) throw;
  }
}

void future_cell::apply(effects e) {
  if (e & abort_function) abort_suspended_function();
  if (finished_) return;
  if (e & record_attempt) record_attempt_error();
  if (e & record_result) record_own_result();
  if (finished_) return;
  if (e & (stop_children | stop_bound_children)) stop_children_now(!(e & stop_children));
  if (e & back_off) start_back_off();
  if (e & start_function) run_function();
  if (e & settle) settle_now();
}

void future_cell::on(child_done m) {
  if (m.attempt == adopted_attempt) return adopted_done(std::move(m));
  if (m.attempt != cycle_.attempt()) {
    if (m.settled) on(child_settled{m.index, m.attempt});
    return;
  }
  if (m.index >= children_.size()) {
    rarely().early.insert_or_assign(m.index, std::move(m));
    return;
  }
  const bool ok = m.result->ok();
  if (!children_.finish(m.index, std::move(m.result), m.calculated, m.weight)) {
    if (m.settled) on(child_settled{m.index, m.attempt});
    return;
  }
  child_gauges_changed();
  if (m.settled) on(child_settled{m.index, m.attempt});
  if (finished_) return;
  note_result(child_key(m.index), ok);
  if (!ok) heed_children();
}

void future_cell::on(child_settled m) {
  if (m.attempt == adopted_attempt) return adopted_settled(m.index - first_adopted_number);
  if (m.attempt != cycle_.attempt()) {
    if (closed_lingering(m.attempt, m.index)) apply(cycle_.lingering_child_closed());
  } else if (children_.close(m.index)) {
    apply(cycle_.child_closed());
  }
}

bool future_cell::closed_lingering(std::uint32_t attempt, std::uint64_t number) {
  return rare_ && rare_->lingering.erase({attempt, number}) != 0;
}

void future_cell::on(child_progress m) {
  if (m.attempt == adopted_attempt) return adopted_progress(m);
  if (m.attempt != cycle_.attempt()) return;
  if (children_.report(m.index, m.calculated, m.weight)) child_gauges_changed();
}

void future_cell::child_gauges_changed() {
  const double calculated = rare_ ? rare_->adopted.calculated() : 0;
  const double weight = rare_ ? rare_->adopted.weight() : 0;
  life_->children_calculated.store(children_.calculated() + calculated, std::memory_order_relaxed);
  life_->children_weight.store(children_.weight() + weight, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
}

void future_cell::on(foreign_done m) {
  if (!rare_) return;
  const auto it = rare_->foreign.find(m.future);
  if (it == rare_->foreign.end() || it->second.result || !m.result) return;
  it->second.result = m.result;
  note_result(m.future, m.result->ok());
}

void future_cell::on(result_recorded m) {
  if (life_->close_to_adoption()) take_in_adopted();
  take_up_rest();
  apply(cycle_.result_recorded(std::move(m.result)));
  release_held();
}

void future_cell::on(attempt_recorded) { apply(cycle_.attempt_recorded()); }

void future_cell::on(steps_recorded) {
  if (wait_.active && wait_.kind == wait_request::what::recorded && life_->durable_steps.load() >= steps_written_) {
    wake();
  }
}

void future_cell::on(stop_requested) {
  if (!life_->must_stop()) return;
  take_up_rest();
  apply(cycle_.stop(stop_outcome()));
  release_held();
}

/// A deadline and a crash loop are failures of the future that they hit; what is below it is cancelled.
outcome_ptr future_cell::stop_outcome() const {
  error_info why = life_->stop_reason();
  const bool own = why.origin == life_->self;
  if (own && (why.code == errc::timeout || why.code == errc::crash_loop)) return make_failure(std::move(why));
  if (!own) why.message = "cancelled with a future above it: " + why.message;
  why.code = errc::cancelled;
  return make_cancelled(std::move(why));
}

void future_cell::on(leave) {
  leave_function();
  finish();
}

void future_cell::on(timer_fired m) {
  switch (m.kind) {
    case timer_fired::what::wait:
      if (!wait_.active || wait_.over || wait_.token != m.token) break;
      if (wait_.kind == wait_request::what::signal && wait_.deadline > clock_now()) {
        look_for_signals();
        break;
      }
      forget_awaited();
      wake();
      break;
    case timer_fired::what::back_off:
      if (lacks_place()) {
        engine_.waiting_places().enter_again(life_, settings(), true);
      } else {
        apply(cycle_.backed_off());
      }
      break;
    case timer_fired::what::deadline:
      if (cycle_.undecided()) on(stop_requested{});
      break;
  }
}

void future_cell::record_attempt_error() {
  engine_.data().write(life_->durable,
                       {write::what::attempt, life_->self.family, life_->self.index, cycle_.attempt(),
                        encode_error(*cycle_.failure()->failure)},
                       [&e = engine_, l = life_, t = motion::token(engine_.moving())](const write_outcome&) {
                         e.post(*l, attempt_recorded{});
                       });
}

void future_cell::record_own_result() {
  // It may have been stopped between two attempts in a critical section.
  leave_queue();
  if (life_->close_to_adoption()) take_in_adopted();
  const bool closing = cycle_.closing();
  const outcome_ptr result = cycle_.result();
  if (result->ok()) {
    life_->complete_gauge(children_.has_children() || (rare_ && rare_->adopted.has_children()));
  }
  engine_.record_result(life_, result, cycle_.attempt(), closing ? std::optional(records_below()) : std::nullopt);
  if (rare_) engine_.clock().cancel(rare_->deadline_timer);
  if (!closing) return;
  // It is known as alive until its result is durable.
  finished_ = true;
  engine_.live().release_actor(life_->self);
}

void future_cell::stop_children_now(bool only_bound) {
  const auto wanted = [only_bound](on_parent_done policy) {
    return only_bound ? policy == on_parent_done::cancel : policy != on_parent_done::detach;
  };
  const std::vector<std::uint64_t> numbers = children_.unsettled(wanted);
  if (cycle_.result()) {
    const std::vector<std::uint64_t> adopted = unsettled_adopted(wanted);
    life_->set_done(cycle_.result()->status, !numbers.empty() || !adopted.empty());
    for (const std::uint64_t n : adopted) engine_.stop_child(*life_, adopted_key(n));
  } else {
    let_linger();
    life_->set_attempt(cycle_.attempt() + 1);
  }
  for (const std::uint64_t n : numbers) {
    const key k = child_key(n);
    if (children_.find(n)->promise) {
      stop_promise(n);
    } else {
      engine_.stop_child(*life_, k);
    }
  }
}

void future_cell::stop_promise(std::uint64_t number) {
  const key k = child_key(number);
  engine_.record_unstarted(k, life_, cycle_.attempt(), life_->durable,
                           make_cancelled({errc::cancelled, "cancelled with a future above it", {}, life_->self}));
}

void future_cell::start_back_off() {
  const auto delay = retry_delay(settings().retry, cycle_.attempt(), random_spread());
  life_->status.store(status::waiting, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
  rarely().back_off_timer = engine_.clock().schedule(later(clock_now(), delay),
                                                     [&e = engine_, l = life_, t = motion::token(engine_.moving())] {
                                                       e.post(*l, timer_fired{timer_fired::what::back_off, 0});
                                                     });
}

void future_cell::settle_now() {
  engine_.collector().drop_descendants(*life_, records_below(), cycle_.result()->status);
  engine_.settle(life_);
  finish();
}

/// What a child keeps below it cannot be found any more once the child's own record is dropped.
void future_cell::note_records_below(const options& child) {
  if (child.keep && *child.keep != keep::none) kept_below_ = true;
  if (life_->durable && !child.durable) passing_below_ = true;
}

descendants future_cell::records_below() const {
  const bool never_wrote =
      next_number_ == 0 && cycle_.attempt() == 1 && !life_->has_more.load(std::memory_order_relaxed);
  if (never_wrote && !ticket_->history && !handled_) return {};
  const bool some_kept = life_->keep_records == keep::failed &&
                         (cycle_.attempt() > 1 || handled_ || children_.any_failed() || any_adopted_failed());
  // Below a budget nothing was dropped yet.
  const bool counted = life_->budget && life_->budget->counts();
  return {cycle_.attempt(), passing_below_, kept_below_ || some_kept || counted, handled_ != nullptr};
}

void future_cell::finish() {
  finished_ = true;
  engine_.departed(*life_);
}

}  // namespace banyan::detail
