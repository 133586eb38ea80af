#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {

void future_cell::start() {
  expect_handlers();
  run_from_start();
  look_after_handlers();
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
  if (!r.state.empty()) rarely().state = r.state;
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
  adopt_rest();
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

/// Loads what earlier runs of the current attempt recorded, and what earlier attempts may give to it.
void future_cell::load_history() {
  const std::uint32_t attempt = cycle_.attempt();
  loaded_attempt_ = attempt;
  family_ = child_family(life_->self, attempt);
  history_.reset();
  take_in_adopted();
  if (!ticket_->history && attempt == 1 && !ticket_->replaces) return;
  history_ = std::make_unique<history>();
  if (ticket_->history) {
    for (record& r : engine_.data().family(family_, life_->durable)) {
      is_adopted(r.index) ? resume_adopted(std::move(r)) : history_->add_current(std::move(r));
    }
    if (auto homes = homes_of(family_)) rarely().homes = std::move(homes);
  }
  load_earlier(life_->self, attempt - 1);
  load_predecessors();
  if (history_->empty()) history_.reset();
}

/// What replaces a future that itself replaced one takes over from all of them, the newest first.
void future_cell::load_predecessors() {
  std::optional<predecessor> from;
  if (ticket_->replaces) from = *ticket_->replaces;
  std::optional<history::fork> end;
  while (from) {
    if (from->until) {
      const auto fork = fork_in(*from);
      // What is above it was forgotten: nobody knows where to stop.
      if (!fork) break;
      if (!end || fork->number < end->number) end = fork;
    }
    const auto earlier = engine_.data().find(from->what);
    if (!earlier) break;
    load_earlier(from->what, static_cast<std::uint32_t>(earlier->found.attempts.size() + 1), end);
    from = decode_entry(earlier->found.spec).spec.replaces;
  }
}

/// The number of the child that a fork begins with, or that is above it.
std::optional<history::fork> future_cell::fork_in(const predecessor& from) {
  if (!from.until) return std::nullopt;
  key at = *from.until;
  for (auto header = engine_.data().header(at.family); header; header = engine_.data().header(at.family)) {
    if (header->parent == from.what) {
      return history::fork{at.index, at == *from.until ? std::nullopt : from.until};
    }
    at = header->parent;
  }
  return std::nullopt;
}

/// The nodes that may run some of a family; null: none.
std::shared_ptr<const std::vector<incarnation_id>> future_cell::homes_of(const family_id& family) {
  if (!engine_.exchange() || !life_->durable) return nullptr;
  std::vector<incarnation_id> homes = engine_.exchange()->homes_of(family);
  if (homes.empty()) return nullptr;
  return std::make_shared<const std::vector<incarnation_id>>(std::move(homes));
}

void future_cell::load_earlier(const key& of, std::uint32_t attempts, const std::optional<history::fork>& end) {
  for (std::uint32_t a = attempts; a > 0; --a) {
    const family_id family = child_family(of, a);
    for (record& r : engine_.data().family(family, life_->durable)) {
      const bool own = of == life_->self && ticket_->history;
      if (is_adopted(r.index)) {
        // What another one adopted is not for its successor.
        if (own) resume_adopted(std::move(r));
        continue;
      }
      if (own) adopt_lingering(a, r);
      history_->add_earlier(family, std::move(r), end);
    }
  }
}

/// A detached child of an earlier attempt goes on.
void future_cell::adopt_lingering(std::uint32_t attempt, const record& r) {
  if (r.spec.empty() || is_settled(r)) return;
  entry e = decode_entry(r.spec);
  if (e.kind != entry_kind::call || e.spec.settings().on_parent_done != on_parent_done::detach) return;
  if (!rarely().lingering.emplace(attempt, r.index).second) return;
  cycle_.child_lingers();
  ticket_ptr t = make_ticket({child_family(life_->self, attempt), r.index}, life_, attempt, std::move(e.spec));
  t->history = std::make_unique<ticket::past>();
  t->history->read_again = true;
  t->history->homes = homes_of(t->self.family);
  start_child(std::move(t));
}

/// The attempt has failed; its detached children go on.
void future_cell::let_linger() {
  for (const std::uint64_t n : children_.unsettled([](on_parent_done p) { return p == on_parent_done::detach; })) {
    rarely().lingering.emplace(cycle_.attempt(), n);
    cycle_.child_lingers();
    children_.forget(n);
    apply(cycle_.child_closed());
  }
}

/// Takes charge of the recorded children that the function has not asked for again, so that none is left behind.
/// They start when `release_held` is called.
void future_cell::adopt_rest() {
  if (!history_) return;
  holding_ = true;
  for (record& r : history_->take_rest()) {
    try {
      adopt_child(std::move(r));
    } catch (const error& e) {
      engine_.log(log_level::error, life_->self.str() + ": a child is left out: " + e.message());
    }
  }
}

void future_cell::adopt_child(record r) {
  if (r.spec.empty()) return;
  entry e = decode_entry(r.spec);
  if (e.kind == entry_kind::step) return;
  if (is_settled(r)) {
    if (handled_ && decode_result(r.result).outcome != status::success) failed_before_ = true;
    return;
  }
  const std::uint64_t number = r.index;
  const options& opts = e.spec.settings();
  child_table::child& c = children_.adopt(number, opts.on_parent_done, opts.weight.value_or(1));
  c.handled = has_handlers(opts);
  note_records_below(opts);
  next_number_ = std::max(next_number_, children_.size());
  cycle_.child_opened();
  if (e.kind == entry_kind::promise) {
    c.promise = true;
    if (!r.result.empty()) on(child_done{number, cycle_.attempt(), outcome_of(decode_result(r.result)), true, 1, 1});
    return;
  }
  resume_child(number, std::move(e.spec), std::move(r));
}

/// Goes on with an open child of an earlier run. Its slot is there.
void future_cell::resume_child(std::uint64_t number, spec_record spec, record r) {
  if (!r.result.empty()) {
    result_record result = decode_result(r.result);
    const banyan::progress p = result.gauge;
    children_.finish(number, outcome_of(std::move(result)), p.calculated, p.weight);
  }
  ticket_ptr t = make_ticket(child_key(number), life_, cycle_.attempt(), std::move(spec));
  t->history = std::make_unique<ticket::past>();
  t->history->found = std::move(r);
  if (rare_) t->history->homes = rare_->homes;
  t->history->read_again = engine_.live().find(life_->self) && ticket_->history && ticket_->history->actors_lost > 0;
  start_child(std::move(t));
}

void future_cell::start_child(ticket_ptr t) {
  if (ticket_->place && t->settings().queue == settings().queue.str()) life_->lends_place.store(true);
  t->under_way = motion::token(engine_.moving());
  if (holding_) {
    rarely().held.push_back(std::move(t));
  } else {
    engine_.enqueue(std::move(t));
  }
}

/// Starts the children that were held back.
void future_cell::release_held() {
  holding_ = false;
  if (!rare_) return;
  for (ticket_ptr& t : std::exchange(rare_->held, {})) engine_.enqueue(std::move(t));
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
  t->history->actors_lost = (ticket_->history ? ticket_->history->actors_lost : 0) + 1;
  t->under_way = motion::token(engine_.moving());
  return t;
}

}  // namespace banyan::detail
