#include "actors/exchange.hpp"

#include <algorithm>

#include "actors/engine.hpp"
#include "messages/clock.hpp"

namespace banyan::detail {
namespace {

constexpr std::chrono::milliseconds after_refusal{100};

place_frame frame_of(const ticket& t) {
  place_frame f;
  f.child = t.self;
  f.parent = t.parent->self;
  f.attempt = t.parent_attempt;
  f.level = t.level();
  f.root = t.parent->root()->self.family;
  f.keep = t.parent->keep_records;
  f.age = now_ms() - std::max(t.created, t.start_at);
  f.again = t.history != nullptr;
  f.spec = encode_call(t.function_name(), t.arguments, t.created, t.start_at, t.opts.get(), t.replaces.get());
  return f;
}

bool must_stop(const ticket& t) {
  return t.parent->ends_child(t.parent_attempt, t.self.index, t.settings().on_parent_done);
}

bool is_durable(const ticket& t) { return t.settings().durable && (t.parent ? t.parent->durable : t.own->durable); }

/// Before it has started. Guests are their parents' nodes' to move.
bool may_leave(const ticket& t) {
  const bool ours = !t.parent || !t.parent->far;
  return ours && is_durable(t) && !(t.history && t.history->homes);
}

/// It may have run: its record says how far it came.
void expect_record(ticket& t) {
  t.history = std::make_unique<ticket::past>();
  t.history->read_again = true;
  t.history->elsewhere = true;
}

}  // namespace

exchange::exchange(engine& owner, neighbours& others, stop_epoch& epoch)
    : engine_(owner), others_(others), guests_(epoch) {}

void exchange::send(incarnation_id to, frame f) {
  if (to != others_.self()) {
    others_.send(to, f);
    return;
  }
  // A parent that went on here finds guests of this node as its children.
  engine_.clock().schedule(
      std::chrono::system_clock::now(),
      [this, m = std::move(f), t = motion::token(engine_.moving())] { receive(others_.self(), m); });
}

std::vector<incarnation_id> exchange::homes_of(const family_id& family) {
  std::vector<incarnation_id> homes;
  for (const std::string& text : engine_.data().backend().homes(family)) {
    const auto node = incarnation_in(text);
    if (node && (*node == others_.self() || others_.find_out(*node))) homes.push_back(*node);
  }
  return homes;
}

// --- Children of futures here -------------------------------------------------------------------------------

ticket_ptr exchange::place(ticket_ptr t) {
  const bool stays = !t->parent || t->own || t->parent->far || !t->parent->durable || !t->settings().durable;
  if (stays) return t;
  if (t->history && t->history->homes) return ask_for(std::move(t));
  if (must_stop(*t)) return t;
  const incarnation_id node = others_.choose(t->settings().placement, t->function_name());
  if (node == others_.self()) return t;
  return node == 0 ? keep_waiting(std::move(t)) : send_away(std::move(t), node);
}

/// The actor of an earlier life of its parent may have sent it to these.
ticket_ptr exchange::ask_for(ticket_ptr t) {
  const key k = t->self;
  const auto homes = std::move(t->history->homes);
  t->history->read_again = true;
  t->history->elsewhere = true;
  if (ticket_ptr known = away_.add({std::move(t), away::state::asked_for, 0, *homes})) return nullptr;
  for (const incarnation_id node : *homes) send(node, attach_frame{k});
  // One that went meanwhile answers no more.
  for (const incarnation_id node : *homes) {
    if (node != others_.self() && !others_.exists(node)) not_there(node, k);
  }
  return nullptr;
}

ticket_ptr exchange::keep_waiting(ticket_ptr t) {
  const placement& wanted = t->settings().placement;
  gauge_record g;
  g.gauge.weight = t->settings().weight.value_or(1);
  g.updated = now_ms();
  switch (wanted.how) {
    case placement::kind::role: g.parked = "no node has the role " + wanted.name.str(); break;
    case placement::kind::on: g.parked = "the node " + wanted.name.str() + " is not there"; break;
    default: g.parked = "no node knows the function " + std::string(t->function_name());
  }
  engine_.data().write(true, {write::what::gauge, t->self.family, t->self.index, 0, encode_gauge(g)});
  t->under_way = {};
  return away_.add({std::move(t), away::state::homeless, 0, {}});
}

ticket_ptr exchange::send_away(ticket_ptr t, incarnation_id node) {
  const key k = t->self;
  engine_.collector().root_scattered(t->parent->root()->self.family);
  if (ticket_ptr known = away_.add({std::move(t), away::state::leaving, node, {}})) return nullptr;
  std::vector<write> group;
  if (away_.note_home(k.family, node)) {
    group.push_back({write::what::home, k.family, 0, 0, incarnation_text(node)});
  }
  // Its spec was submitted before.
  engine_.data().journal_of(true).submit(
      std::move(group), [this, k, t = motion::token(engine_.moving())](const write_outcome&) { depart(k); });
  return nullptr;
}

/// All that a child needs on its way is durable.
void exchange::depart(const key& child) {
  bool stays = false;
  away_.with(child, [&](away::child* c) {
    if (!c || c->state != away::state::leaving) return;
    // What is to stop need not go; nor can it be sent to a node that is gone.
    stays = must_stop(*c->ticket) || !others_.exists(c->where);
    if (stays) return;
    c->state = away::state::sent;
    others_.send(c->where, frame_of(*c->ticket));
  });
  if (stays) come_back(child);
}

/// It was not sent.
void exchange::come_back(const key& child) {
  if (ticket_ptr t = away_.remove(child)) engine_.enqueue(std::move(t));
}

void exchange::place_again(const key& child, std::chrono::milliseconds delay) {
  ticket_ptr t = away_.remove(child);
  if (!t) return;
  expect_record(*t);
  if (delay.count() > 0) t->start_at = now_ms() + delay.count();
  engine_.enqueue(std::move(t));
}

bool exchange::stop(const key& child, const error_info& why) {
  incarnation_id where = 0;
  bool waits = false;
  const bool found = away_.with(child, [&](away::child* c) {
    if (!c) return false;
    if (c->state == away::state::sent) where = c->where;
    waits = c->state == away::state::homeless;
    return true;
  });
  if (where != 0) send(where, stop_frame{child, why});
  // Here it ends before it starts.
  if (waits) come_back(child);
  return found;
}

bool exchange::pass_on(const key& k) {
  const incarnation_id where =
      away_.with(k, [](away::child* c) { return c && c->state == away::state::sent ? c->where : incarnation_id(0); });
  if (where != 0) send(where, noticed_frame{k});
  return where != 0;
}

void exchange::announce(const key& k) {
  for (const incarnation_id node : others_.all()) others_.send(node, noticed_frame{k});
}

void exchange::halt(const key& k, const error_info& why, halts::callback done) {
  std::vector<halts::target> targets = stopped_elsewhere();
  const bool known = engine_.live().find(k) || guests_.parent_of(k) || away_.contains(k);
  if (!known) {
    for (const incarnation_id node : others_.all()) targets.emplace_back(node, k);
  }
  begin_wave(targets, why, std::move(done));
}

/// The children on other nodes that are to stop.
std::vector<halts::target> exchange::stopped_elsewhere() {
  std::vector<halts::target> found;
  away_.for_each([&](const key& k, const away::child& c) {
    const bool anywhere = c.state == away::state::sent || c.state == away::state::asked_for;
    if (!anywhere || !must_stop(*c.ticket)) return;
    if (c.state == away::state::sent) found.emplace_back(c.where, k);
    for (const incarnation_id node : c.asked) found.emplace_back(node, k);
  });
  std::erase_if(found, [this](const halts::target& t) { return t.first == others_.self(); });
  return found;
}

void exchange::begin_wave(const std::vector<halts::target>& targets, const error_info& why, halts::callback done) {
  const std::uint64_t wave = halts_.begin(targets, std::move(done));
  for (const auto& [node, k] : targets) {
    others_.send(node, halt_frame{wave, k, why});
    if (!others_.exists(node)) halts_.answered(wave, node, k);
  }
}

// --- Guests -------------------------------------------------------------------------------------------------

void exchange::tell(const life& parent, mail m) {
  const far_parent& far = *parent.far;
  const incarnation_id host = far.host.load(std::memory_order_relaxed);
  if (const auto* done = std::get_if<child_done>(&m)) {
    const key guest{far.children, done->index};
    if (done->settled) guests_.depart(guest);
    send(host, done_frame{guest, done->result, done->settled, done->calculated, done->weight});
  } else if (const auto* settled = std::get_if<child_settled>(&m)) {
    const key guest{far.children, settled->index};
    guests_.depart(guest);
    send(host, settled_frame{guest});
  } else if (const auto* progress = std::get_if<child_progress>(&m)) {
    send(host, progress_frame{{far.children, progress->index}, progress->calculated, progress->weight});
  }
}

/// For a parent that may not have heard of it.
void exchange::say_result(const key& guest, const life& parent) {
  const life_ptr l = engine_.live().find(guest);
  if (!l || !is_final(l->status.load(std::memory_order_relaxed))) return;
  const auto located = engine_.data().find(guest);
  if (!located || located->found.result.empty()) return;
  const banyan::progress p = l->progress();
  tell(parent, child_done{guest.index, l->parent_attempt, outcome_of(decode_result(located->found.result)), false,
                          p.calculated, p.weight});
}

// --- From the other nodes -----------------------------------------------------------------------------------

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
  t->created = now_ms() - f.age;
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
      place_frame f = frame_of(*c.ticket);
      f.again = true;
      others_.send(node, f);
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

}  // namespace banyan::detail
