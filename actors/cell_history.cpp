#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "actors/travel.hpp"
#include "messages/family.hpp"

/// What earlier runs, earlier attempts and replaced futures recorded, and the children that are taken up from there.
namespace banyan::detail {

/// Loads what earlier runs of the current attempt recorded, and what earlier attempts may give to it.
void future_cell::load_history() {
  const std::uint32_t attempt = cycle_.attempt();
  loaded_attempt_ = attempt;
  family_ = child_family(life_->self, attempt);
  history_.reset();
  take_in_adopted();
  if (rare_) rare_->inheritance.clear();
  if (!ticket_->history && attempt == 1 && !ticket_->replaces) return;
  history_ = std::make_unique<history>(family_, engine_.now_ms());
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
        if (own) {
          resume_adopted(std::move(r));
        } else if (!end) {
          rarely().inheritance.emplace_back(key{family, r.index}, std::move(r));
        }
        continue;
      }
      if (own) take_up_lingering(a, r);
      history_->add_earlier(family, std::move(r), end);
    }
  }
}

/// A detached child of an earlier attempt goes on.
void future_cell::take_up_lingering(std::uint32_t attempt, const record& r) {
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
void future_cell::take_up_rest() {
  if (!history_) return;
  holding_ = true;
  for (record& r : history_->take_rest()) {
    try {
      take_up_child(std::move(r));
    } catch (const error& e) {
      engine_.log(log_level::error, life_->self.str() + ": a child is left out: " + e.message());
    }
  }
}

void future_cell::take_up_child(record r) {
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
  t->history->read_again = engine_.live().find(life_->self) && ticket_->history && ticket_->history->began_here;
  start_child(std::move(t));
}

void future_cell::start_child(ticket_ptr t) {
  t->under_way = motion::token(engine_.moving());
  if (holding_) {
    rarely().held.push_back(std::move(t));
  } else {
    enqueue_child(std::move(t));
  }
}

/// What has its result, or is to stop, does not wait for its start.
void future_cell::enqueue_child(ticket_ptr t) {
  const bool ended = t->history && !t->history->found.result.empty();
  if (ended || must_stop(*t)) t->start_at = 0;
  engine_.enqueue(std::move(t));
}

/// Starts the children that were held back.
void future_cell::release_held() {
  holding_ = false;
  if (!rare_) return;
  for (ticket_ptr& t : std::exchange(rare_->held, {})) enqueue_child(std::move(t));
}

}  // namespace banyan::detail
