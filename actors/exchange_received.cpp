#include <algorithm>

#include "actors/engine.hpp"
#include "actors/exchange.hpp"
#include "actors/given_functions.hpp"
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
  // Its parent is elsewhere by now.
  if (!others_.exists(from)) return;
  const life_ptr parent = guests_.receive(f, from);
  if (!parent) {
    if (const life_ptr known = guests_.parent_of(f.child)) {
      say_result(f.child, *known);
      say_wishes(f.child, *known);
    } else {
      send(from, absent_frame{f.child});
    }
    return;
  }
  entry e = decode_entry(f.spec);
  ticket_ptr t = make_ticket(f.child, parent, f.attempt, std::move(e.spec));
  const bool known = t->function && unknown_given(t->function_name(), t->arguments).empty();
  if (!known || !engine_.waiting_places().fits(t->settings(), false)) {
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
  // It left since.
  if (from != others_.self() && !others_.find_out(from)) return;
  // Since it asked by a detour it may have said more, and asks anew if it has to.
  if (f.round != 0 && others_.is_connected(from)) return;
  // It may be over before its parent has moved, and what it said went to where the parent was.
  if (guests_.parent_of(f.child)) send(from, here_frame{f.child});
  if (!guests_.move_parent(f.child, from)) send(from, absent_frame{f.child, f.round});
  if (const life_ptr parent = guests_.parent_of(f.child)) {
    say_result(f.child, *parent);
    say_wishes(f.child, *parent);
  }
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
  if (stops) stop(f.child, why);
}

void exchange::on(incarnation_id from, const absent_frame& f) { not_there(from, f.child, f.round); }

void exchange::not_there(incarnation_id node, const key& child, std::uint64_t round) {
  enum class next : std::uint8_t { nothing, start, try_again } then = next::nothing;
  away_.with(child, [&](away::child* c) {
    // Of a question by a detour; there was a connection since.
    const bool outdated = round != 0 && round != round_.load();
    if (!c || outdated) return;
    if (c->state == away::state::asked_for) {
      std::erase(c->asked, node);
      if (c->asked.empty()) then = next::start;
    } else if (c->state == away::state::sent && c->where == node) {
      // A connection that comes now finds it there no more.
      c->state = away::state::homeless;
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
  if (!located || located->found.result.empty()) return;
  result_record r = decode_result(located->found.result);
  const banyan::progress p = r.gauge;
  on(from, done_frame{f.child, outcome_of(std::move(r)), f.settled, p.calculated, p.weight});
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

void exchange::on(incarnation_id from, const stop_frame& f) {
  const life_ptr parent = guests_.parent_of(f.child);
  if (parent && parent->far->hosts.contains(from)) engine_.stop_now(f.child, f.why);
}

void exchange::on(incarnation_id, const noticed_frame& f) { engine_.notice_from_node(f.future); }

void exchange::on(incarnation_id, const load_frame&) {}

void exchange::on(incarnation_id from, const want_frame& f) {
  const std::size_t half = (engine_.gate().current_load().queued + 1) / 2;
  const auto may_go = [&](const ticket& t) {
    // What has a place in a queue stays with it.
    return !t.place && may_leave(t) && others_.may_run(from, t.settings().placement, needs_of(t));
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

void exchange::on(incarnation_id, const drive_frame& f) { others_.root_given(f.root); }

}  // namespace banyan::detail
