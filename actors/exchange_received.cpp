#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "actors/engine.hpp"
#include "actors/exchange.hpp"
#include "actors/travel.hpp"

namespace banyan::detail {
namespace {

constexpr std::chrono::milliseconds after_refusal{100};

}  // namespace

void exchange::receive(incarnation_id from, frame f) {
  if (engine_.stopping()) return;
  try {
    std::visit([&](const auto& m) { on(from, m); }, f);
  } catch (const error& e) {
    engine_.log(log_level::error, std::string("what another node said cannot be done: ") + e.what());
  }
}

void exchange::on(incarnation_id from, const place_frame& f) {
  const life_ptr parent = guests_.receive(f, from);
  if (!parent) {
    if (const life_ptr known = guests_.parent_of(f.child)) say_result(f.child, *known);
    return;
  }
  entry e = decode_entry(f.spec);
  ticket_ptr t = make_ticket(f.child, parent, f.attempt, std::move(e.spec));
  if (!t->function) {
    guests_.depart(f.child);
    send(from, absent_frame{f.child});
    return;
  }
  // By this node's clock.
  t->created = engine_.now_ms() - f.age;
  t->start_at = 0;
  if (f.again) expect_record(*t);
  t->under_way = motion::token(engine_.moving());
  engine_.enqueue_here(std::move(t));
}

void exchange::on(incarnation_id from, const attach_frame& f) {
  // It may be over before its parent has moved, and what it said went to where the parent was.
  if (guests_.parent_of(f.child)) send(from, here_frame{f.child});
  if (!guests_.move_parent(f.child, from)) send(from, absent_frame{f.child});
  if (const life_ptr parent = guests_.parent_of(f.child)) say_result(f.child, *parent);
}

void exchange::on(incarnation_id from, const here_frame& f) {
  error_info why;
  const bool stops = away_.with(f.child, [&](away::child* c) {
    if (!c || c->state != away::state::asked_for) return false;
    c->state = away::state::sent;
    c->where = from;
    c->asked.clear();
    if (!must_stop(*c->ticket)) return false;
    why = c->ticket->parent->stop_reason();
    return true;
  });
  if (stops) send(from, stop_frame{f.child, why});
}

void exchange::on(incarnation_id from, const absent_frame& f) { not_there(from, f.child); }

void exchange::not_there(incarnation_id node, const key& child) {
  enum class next : std::uint8_t { nothing, start, try_again } then = next::nothing;
  away_.with(child, [&](away::child* c) {
    if (!c) return;
    if (c->state == away::state::asked_for) {
      std::erase(c->asked, node);
      if (c->asked.empty()) then = next::start;
    } else if (c->state == away::state::sent && c->where == node) {
      then = next::try_again;
    }
  });
  if (then == next::start) place_again(child, {});
  if (then == next::try_again) place_again(child, after_refusal);
}

/// The parent of a child that is at `from`; null if it is not.
life_ptr exchange::sender_of(incarnation_id from, const key& child, std::uint32_t& attempt) {
  return away_.with(child, [&](away::child* c) {
    if (!c || c->state != away::state::sent || c->where != from) return life_ptr();
    attempt = c->ticket->parent_attempt;
    return c->ticket->parent;
  });
}

void exchange::on(incarnation_id from, const done_frame& f) {
  std::uint32_t attempt = 0;
  const life_ptr parent = sender_of(from, f.child, attempt);
  if (!parent) return;
  engine_.waiting().notify(f.child, f.result);
  engine_.post(*parent, child_done{f.child.index, attempt, f.result, f.settled, f.calculated, f.weight});
  if (f.settled) away_.remove(f.child);
}

void exchange::on(incarnation_id from, const recorded_frame& f) {
  const auto located = engine_.data().find(f.child);
  if (located && !located->found.result.empty()) hear_result(from, f.child, located->found.result, f.settled);
}

/// As its record says it. `settled`: what is known of that beside the record.
void exchange::hear_result(incarnation_id from, const key& child, const bytes& result, std::optional<bool> settled) {
  result_record r = decode_result(result);
  const bool over = settled.value_or(r.settled);
  const banyan::progress p = r.gauge;
  on(from, done_frame{child, outcome_of(std::move(r)), over, p.calculated, p.weight});
}

void exchange::on(incarnation_id from, const settled_frame& f) {
  std::uint32_t attempt = 0;
  const life_ptr parent = sender_of(from, f.child, attempt);
  if (!parent) return;
  engine_.post(*parent, child_settled{f.child.index, attempt});
  away_.remove(f.child);
}

void exchange::on(incarnation_id from, const progress_frame& f) {
  std::uint32_t attempt = 0;
  const life_ptr parent = sender_of(from, f.child, attempt);
  if (parent) engine_.post(*parent, child_progress{f.child.index, attempt, f.calculated, f.weight});
}

void exchange::on(incarnation_id, const stop_frame& f) { engine_.stop_now(f.child, f.why); }

void exchange::on(incarnation_id, const noticed_frame& f) { engine_.notice_from_node(f.future); }

void exchange::on(incarnation_id, const load_frame&) {}

void exchange::on(incarnation_id from, const want_frame& f) {
  const std::size_t half = (engine_.gate().current_load().queued + 1) / 2;
  const auto may_go = [&](const ticket& t) {
    return may_leave(t) && others_.may_run(from, t.settings().placement, t.function_name());
  };
  for (ticket_ptr& t : engine_.gate().take_top(std::min<std::size_t>(f.count, half), may_go)) {
    give(std::move(t), from);
  }
}

/// A future that has not started goes to a node that has nothing to do.
void exchange::give(ticket_ptr t, incarnation_id to) {
  if (t->parent) {
    t = send_away(std::move(t), to);
  } else if (others_.give_root(t->self.family, to)) {
    engine_.leave_root(t->self);
    send(to, drive_frame{t->self.family});
    return;
  }
  if (t) engine_.enqueue_here(std::move(t));
}

void exchange::on(incarnation_id, const drive_frame& f) { engine_.take_over(f.root); }

void exchange::on(incarnation_id from, const halt_frame& f) {
  const bool ours = engine_.stop_now(f.future, f.why);
  begin_wave(ours ? stopped_elsewhere() : std::vector<halts::target>(), f.why,
             [this, from, wave = f.wave, k = f.future] {
               others_.send(from, halted_frame{wave, k});
             });
}

void exchange::on(incarnation_id from, const halted_frame& f) { halts_.answered(f.wave, from, f.future); }

void exchange::connected(incarnation_id node) {
  const error_info again{errc::cancelled, "cancelled", {}, {}};
  for (const auto& [wave, k] : halts_.open_at(node)) others_.send(node, halt_frame{wave, k, again});

  away_.for_each([&](const key& k, const away::child& c) {
    if (c.state == away::state::sent && c.where == node) {
      place_frame f = frame_of(*c.ticket, engine_.now_ms());
      f.again = true;
      others_.send(node, f);
      if (must_stop(*c.ticket)) others_.send(node, stop_frame{k, c.ticket->parent->stop_reason()});
    } else if (std::ranges::find(c.asked, node) != c.asked.end()) {
      others_.send(node, attach_frame{k});
    }
  });
}

void exchange::lost(incarnation_id node) {
  std::vector<key> there;
  std::vector<key> perhaps;
  away_.for_each([&](const key& k, const away::child& c) {
    if (c.state == away::state::sent && c.where == node) there.push_back(k);
    if (std::ranges::find(c.asked, node) != c.asked.end()) perhaps.push_back(k);
  });
  halts_.lost(node);
  for (const key& k : there) place_again(k, {});
  for (const key& k : perhaps) not_there(node, k);
}

void exchange::hand_out() {
  refuse_unstarted();
  const std::size_t all = engine_.gate().current_load().queued;
  for (ticket_ptr& t : engine_.gate().take_top(all, may_leave)) {
    placement how = t->settings().placement;
    // To stay is no choice.
    if (how.how == placement::kind::local) how = placement::spread();
    const incarnation_id to = others_.choose(how, t->function_name());
    if (to == 0 || to == others_.self()) {
      engine_.enqueue_here(std::move(t));
    } else {
      give(std::move(t), to);
    }
  }
}

/// Sends back the guests that have not started.
void exchange::refuse_unstarted() {
  for (const key& guest : guests_.all()) {
    const life_ptr parent = guests_.parent_of(guest);
    if (!parent || engine_.live().find(guest)) continue;
    guests_.depart(guest);
    send(parent->far->host.load(std::memory_order_relaxed), absent_frame{guest});
  }
}

void exchange::changed() {
  std::vector<key> waiting;
  away_.for_each([&](const key& k, const away::child& c) {
    if (c.state == away::state::homeless) waiting.push_back(k);
  });
  for (const key& k : waiting) come_back(k);
}

void exchange::look_at_cut_off() {
  constexpr std::size_t worth_a_scan = 16;
  const std::vector<incarnation_id> heard = others_.all();
  const auto is_mute = [&](incarnation_id n) {
    return n != others_.self() && std::ranges::find(heard, n) == heard.end();
  };
  std::unordered_map<family_id, std::unordered_set<std::uint64_t>> missed;
  away_.for_each([&](const key& k, const away::child& c) {
    const bool cut_off = c.state == away::state::sent ? is_mute(c.where) : std::ranges::any_of(c.asked, is_mute);
    if (cut_off && !c.has_result) missed[k.family].insert(k.index);
  });
  for (const auto& [family, indices] : missed) {
    if (indices.size() < worth_a_scan) {
      for (const std::uint64_t i : indices) {
        if (const auto r = engine_.data().backend().load({family, i})) read_cut_off({family, i}, r->result);
      }
      continue;
    }
    std::vector<std::pair<std::uint64_t, bytes>> results;
    engine_.data().backend().scan(family, [&](record&& r) {
      if (!r.result.empty() && indices.contains(r.index)) results.emplace_back(r.index, std::move(r.result));
    });
    for (const auto& [i, result] : results) read_cut_off({family, i}, result);
  }
}

void exchange::read_cut_off(const key& child, const bytes& result) {
  if (result.empty()) return;
  const bool settled = decode_result(result).settled;
  incarnation_id where = 0;
  const bool waits = away_.with(child, [&](away::child* c) {
    if (!c) return false;
    if (c->state != away::state::sent) return c->state == away::state::asked_for && settled;
    c->has_result = true;
    where = c->where;
    return false;
  });
  if (where != 0) hear_result(where, child, result, settled);
  // Wherever it ran, nothing of it does any more.
  if (waits) place_again(child, {});
}

}  // namespace banyan::detail
