#include "actors/gauge_writer.hpp"

#include "actors/engine.hpp"

namespace banyan::detail {

gauge_record gauge_of(const life& l, millis now) {
  gauge_record g;
  g.status = l.status.load(std::memory_order_relaxed);
  g.gauge = l.progress();
  g.started = l.started.load(std::memory_order_relaxed);
  g.updated = now;
  g.settled = l.settled();
  if (const auto why = l.parked()) g.parked = std::string(to_string(why->code)) + ": " + why->message;
  return g;
}

void gauge_writer::touch(const life_ptr& l) {
  // An exchange, so that whoever looks at the gauge after it sees what was changed before it.
  if (l->gauge_listed.exchange(true)) return;
  const std::lock_guard lock(mutex_);
  touched_.push_back(l);
}

void gauge_writer::tick() {
  const millis now = engine_.now_ms();
  find_long_runners(now);
  std::vector<life_ptr> looked_at;
  {
    const std::lock_guard lock(mutex_);
    looked_at.swap(touched_);
  }
  for (const life_ptr& l : looked_at) {
    // Whoever changes a gauge from here on lists it again.
    l->gauge_listed.exchange(false);
    if (look(l, now)) touch(l);
  }
}

/// Returns true if there is something left to do at a later tick.
bool gauge_writer::look(const life_ptr& l, millis now) {
  if (is_final(l->status.load(std::memory_order_relaxed))) return false;
  life::gauge_memory& m = l->gauge_state;
  const banyan::progress p = l->progress();
  if (l->parent && (p.calculated != m.sent_calculated || p.weight != m.sent_weight)) {
    m.sent_calculated = p.calculated;
    m.sent_weight = p.weight;
    engine_.post(*l->parent, child_progress{l->self.index, l->parent_attempt, p.calculated, p.weight});
  }
  if (l->result_recorded.load(std::memory_order_relaxed)) return false;
  if (m.stored_at == 0) m.stored_at = now - store_interval_ms / 2;
  if (now - m.stored_at < store_interval_ms) return true;
  write w{write::what::gauge, l->self.family, l->self.index, 0, encode_gauge(gauge_of(*l, now))};
  // Once it is settled its family may be dropped: a gauge that comes later would stay for ever.
  bool taken = true;
  l->while_unsettled([&] { taken = engine_.data().journal_of(l->durable).offer(std::move(w)); });
  if (taken) m.stored_at = now;
  return !taken;
}

void gauge_writer::find_long_runners(millis now) {
  for (const life_ptr& l : engine_.gate().running_since(now - unseen_ms)) {
    if (l->gauge_state.stored_at == 0) touch(l);
  }
}

}  // namespace banyan::detail
