#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "persistence/trouble.hpp"

namespace banyan::detail {

void future_cell::start() {
  try {
    expect_handlers();
    run_from_start();
    look_after_handlers();
    if (ticket_->history) ticket_->history->pauses = 0;
  } catch (const error& e) {
    if (!waits_for_store(e)) throw;
  }
  // Whatever is open, nothing of it needs room.
  room_.give_back();
}

void future_cell::run_from_start() {
  const motion::token under_way = std::move(ticket_->under_way);
  if (room_) room_.occupy(life_);
  life_->status.store(status::running, std::memory_order_relaxed);
  if (life_->started.load(std::memory_order_relaxed) == 0)
    life_->started.store(engine_.now_ms(), std::memory_order_relaxed);
  try {
    if (resume_from_record()) return;
    if (life_->must_stop()) {
      load_history();
      on(stop_requested{});
      return;
    }
    if (!knows_function()) return;
    if (give_up_after_crashes()) return;
    if (!has_place()) return;
    if (begin()) apply(cycle_.start());
  } catch (const error& e) {
    if (may_be_mended(e.code())) throw;
    park({e.code(), e.message(), std::string(function_name()), life_->self});
  }
}

/// Takes up what an earlier run recorded. True if there is nothing to run.
bool future_cell::resume_from_record() {
  if (!ticket_->history) return false;
  ticket::past& past = *ticket_->history;
  if (past.read_again) {
    if (!past.elsewhere) engine_.data().journal_of(life_->durable).flush();
    if (auto now = engine_.data().find(life_->self)) past.found = std::move(now->found);
  }
  // Nothing that an earlier actor wrote is still to be called back: this one counts anew.
  life_->durable_steps.store(0);
  const record& r = past.found;
  cycle_ = lifecycle(static_cast<std::uint32_t>(r.attempts.size()));
  if (handled_) cycle_.child_lingers();
  count_recorded();
  if (!r.attempts.empty()) life_->set_attempt(cycle_.attempt());
  if (!r.gauge.empty()) {
    const gauge_record g = decode_gauge(r.gauge);
    if (g.started != 0) life_->started.store(g.started, std::memory_order_relaxed);
    life_->local.store(g.gauge.local, std::memory_order_relaxed);
  }
  if (!r.state.empty()) rarely().checkpoint = decode_checkpoint(r.state);
  if (r.result.empty()) return false;
  result_record result = decode_result(r.result);
  life_->status.store(result.outcome, std::memory_order_relaxed);
  const banyan::progress gauge = result.gauge;
  const outcome_ptr recorded = outcome_of(std::move(result));
  if (past.read_again && life_->parent) {
    // It may have run elsewhere, and nobody here has heard of it.
    engine_.post(*life_->parent,
                 child_done{life_->self.index, life_->parent_attempt, recorded, false, gauge.calculated, gauge.weight});
  }
  const effects e = cycle_.resume_decided(recorded);
  // Keeps it from settling before all its children are taken up.
  cycle_.child_opened();
  load_history();
  take_up_rest();
  apply(e);
  release_held();
  apply(cycle_.child_closed());
  return true;
}

/// A future whose code was running at too many deaths of the process in a row fails. True if it did.
bool future_cell::give_up_after_crashes() {
  if (!engine_.marks()) return false;
  const std::uint32_t deaths = engine_.marks()->deaths(life_->self);
  suspect_ = deaths > 0;
  // The first run was no recovery.
  if (deaths <= engine_.config().limits.max_crash_recoveries) return false;
  life_->request_stop({errc::crash_loop,
                       "the process died " + std::to_string(deaths) + " times in a row while this was running",
                       std::string(function_name()), life_->self});
  ended();
  load_history();
  on(stop_requested{});
  return true;
}

/// Prepares the first attempt of this run. False if the future has come to its end already.
bool future_cell::begin() {
  load_history();
  arm_deadline();
  if (finished_ || !cycle_.undecided()) return false;
  inherit_adopted();
  open_to_adoption();
  watch_progress();
  return true;
}

void future_cell::arm_deadline() {
  if (!settings().timeout) return;
  const auto deadline = from_millis(*ticket_->deadline());
  const auto expire = [l = life_, name = std::string(function_name()), limit = settings().timeout->count()] {
    if (is_final(l->status.load())) return;
    l->request_stop({errc::timeout, "no result within " + std::to_string(limit) + " ms", name, l->self});
  };
  if (deadline <= clock_now()) {
    expire();
    on(stop_requested{});
    return;
  }
  rarely().deadline_timer =
      engine_.clock().schedule(deadline, [&e = engine_, l = life_, expire, t = motion::token(engine_.moving())] {
        expire();
        e.post(*l, timer_fired{timer_fired::what::deadline, 0});
      });
}

/// The run stops here, without a result; the record stays as it is.
void future_cell::park(error_info why) {
  leave_function();
  leave_queue();
  const bool stalls = why.code != errc::unknown_function;
  engine_.log(stalls ? log_level::error : log_level::warning, std::string(function_name()) + " " + life_->self.str() +
                                                                  " is parked: " + std::string(to_string(why.code)) +
                                                                  ": " + why.message);
  life_->park(std::move(why));
  life_->status.store(status::waiting, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
  if (stalls) engine_.stall(life_);
}

/// What is recorded cannot be read: the future goes on from there when the store answers again. False: that is not what
/// is wrong.
bool future_cell::waits_for_store(const error& why) {
  if (finished_ || !may_be_mended(why.code())) return false;
  leave_function();
  leave_queue();
  ticket_ptr again = abandon();
  again->history->pauses = (ticket_->history ? ticket_->history->pauses : 0) + 1;
  if (again->history->pauses == 1) {
    engine_.log(log_level::warning, std::string(function_name()) + " " + life_->self.str() +
                                        " goes on when its store can be read again: " + why.message());
  }
  if (!is_final(life_->status.load())) life_->status.store(status::waiting, std::memory_order_relaxed);
  engine_.gauges().touch(life_);
  begin_again(std::move(again));
  return true;
}

void future_cell::on(try_again) {
  const auto why = life_->parked();
  if (!why || why->code != errc::unknown_function) return;
  ticket_ptr again = abandon();
  if (!again->function) return;
  life_->unpark();
  begin_again(std::move(again));
}

/// What is recorded counts, and what this run has done since then was done on another ground.
void future_cell::on(rewritten) {
  if (!cycle_.undecided()) return;
  engine_.log(log_level::warning, std::string(function_name()) + " " + life_->self.str() +
                                      " runs again: another node has recorded another answer");
  leave_function();
  begin_again(abandon());
}

void future_cell::begin_again(ticket_ptr again) {
  again_ = std::move(again);
  finish();
}

ticket_ptr future_cell::abandon() {
  spec_record spec;
  spec.function = std::string(function_name());
  spec.version = ticket_->version;
  spec.arguments = ticket_->arguments;
  spec.opts = ticket_->opts;
  spec.created = ticket_->created;
  spec.start_at = ticket_->start_at;
  if (ticket_->replaces) spec.replaces = *ticket_->replaces;
  ticket_ptr t = make_ticket(life_->self, life_->parent, life_->parent_attempt, std::move(spec));
  t->own = life_;
  t->history = std::make_unique<ticket::past>();
  t->history->read_again = true;
  t->history->began_here = true;
  if (ticket_->history) t->history->actors_lost = ticket_->history->actors_lost;
  t->under_way = motion::token(engine_.moving());
  return t;
}

}  // namespace banyan::detail
