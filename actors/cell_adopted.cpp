#include <algorithm>

#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "messages/family.hpp"
#include "persistence/adoption.hpp"

/// Children that were given to the future from outside. They belong to it and to none of its attempts: a new attempt
/// neither stops them nor waits for them, the end of the future does. Who lets them in is the life of the future; what
/// is in flight there is taken in here before anything that could end the future.
namespace banyan::detail {

void future_cell::open_to_adoption() {
  if (has_called_for_children()) {
    life_->close_to_adoption();
  } else {
    life_->open_to_adoption(version_to_say());
  }
}

/// An earlier run saw all children settled, and said so.
bool future_cell::has_called_for_children() {
  if (!handled_ || !ticket_->history) return false;
  load_handlers();
  const std::vector<event_handler>& all = handled_->plan.all();
  return std::ranges::any_of(handled_->found, [&all](const auto& called) {
    if (called.first >= all.size()) return false;
    const handler_event e = all[called.first].event;
    return e == handler_event::all_children_success || e == handler_event::all_children_settled;
  });
}

/// The function has ended. Where something is called because of it, nothing is adopted from then on.
bool future_cell::all_children_settled() {
  take_in_adopted();
  const auto none_open = [this] { return cycle_.open_children() == 0 && (!rare_ || rare_->adopted_open == 0); };
  if (!none_open()) return false;
  const bool calls = !settings().on_all_children_success.empty() || !settings().on_all_children_settled.empty();
  return !calls || life_->close_unless_adopting();
}

void future_cell::on(adoption_decided) { take_in_adopted(); }

/// Those that are being decided count as children, without a weight yet.
void future_cell::take_in_adopted() {
  for (const adoptee& a : life_->adoptees()) {
    const bool known = rare_ && rare_->adopted.find(a.number);
    if (a.state == adoptee::state::refused) {
      if (!known) continue;
      rare_->adopted.forget(a.number);
      adopted_closed();
      continue;
    }
    if (!known) open_adopted(a.number, *a.opts);
    if (a.state == adoptee::state::deciding) continue;
    rare_->adopted.report(a.number, 0, a.opts->weight.value_or(1));
    child_gauges_changed();
  }
}

void future_cell::open_adopted(std::uint64_t number, const options& opts) {
  child_table::child& c = rarely().adopted.adopt(number, opts.on_parent_done, 0);
  c.handled = has_handlers(opts);
  note_records_below(opts);
  ++rare_->adopted_open;
  cycle_.child_lingers();
}

/// Goes on with what an earlier run adopted.
void future_cell::resume_adopted(record r) try {
  const std::uint64_t number = r.index - first_adopted_number;
  if (r.spec.empty() || (rare_ && rare_->adopted.find(number))) return;
  entry e = decode_entry(r.spec);
  if (e.kind != entry_kind::call) return;
  open_adopted(number, e.spec.settings());
  child_table& table = rare_->adopted;
  table.report(number, 0, e.spec.settings().weight.value_or(1));
  if (!r.result.empty()) {
    result_record result = decode_result(r.result);
    const banyan::progress p = result.gauge;
    table.finish(number, outcome_of(std::move(result)), p.calculated, p.weight);
  }
  child_gauges_changed();
  if (is_settled(r)) return adopted_settled(number);
  ticket_ptr t = make_ticket(adopted_key(number), life_, adopted_attempt, std::move(e.spec));
  t->history = std::make_unique<ticket::past>();
  t->history->read_again = true;
  t->history->homes = homes_of(t->self.family);
  start_child(std::move(t));
} catch (const error& e) {
  engine_.log(log_level::error, life_->self.str() + ": an adopted child is left out: " + e.message());
}

void future_cell::adopted_done(child_done m) {
  take_in_adopted();
  const std::uint64_t number = m.index - first_adopted_number;
  const bool ok = m.result->ok();
  if (rarely().adopted.finish(number, std::move(m.result), m.calculated, m.weight)) child_gauges_changed();
  if (m.settled) adopted_settled(number);
  if (!finished_ && !ok) heed_children();
}

void future_cell::adopted_settled(std::uint64_t number) {
  if (rarely().adopted.close(number)) adopted_closed();
}

void future_cell::adopted_closed() {
  --rare_->adopted_open;
  apply(cycle_.lingering_child_closed());
}

void future_cell::adopted_progress(const child_progress& m) {
  if (rarely().adopted.report(m.index - first_adopted_number, m.calculated, m.weight)) child_gauges_changed();
}

}  // namespace banyan::detail
