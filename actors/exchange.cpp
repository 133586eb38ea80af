#include "actors/exchange.hpp"

#include "actors/engine.hpp"
#include "actors/given_functions.hpp"
#include "actors/travel.hpp"

namespace banyan::detail {

exchange::exchange(engine& owner, neighbours& others, stop_epoch& epoch)
    : engine_(owner), others_(others), guests_(epoch) {}

void exchange::send(incarnation_id to, frame f) {
  // Others have begun with what this node ran.
  if (engine_.fenced()) return;
  if (to != others_.self()) {
    others_.send(to, f);
    return;
  }
  // A parent that went on here finds guests of this node as its children.
  engine_.clock().schedule(engine_.clock().now(), [this, m = std::move(f), t = motion::token(engine_.moving())] {
    receive(others_.self(), m);
  });
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
  if (!t->parent) return place_root(std::move(t));
  const bool stays = t->own || t->parent->far || !t->parent->durable || !t->settings().durable || t->parent->budget;
  if (stays) return t;
  if (t->history && t->history->homes) return ask_for(std::move(t));
  if (must_stop(*t)) return t;
  const incarnation_id node = others_.choose(t->settings().placement, needs_of(*t));
  if (node == others_.self()) return t;
  return node == 0 ? keep_waiting(std::move(t)) : send_away(std::move(t), node);
}

/// A root goes with the right to drive it, also where this node lacks what it needs. Where no node fits it waits for
/// one in the store.
ticket_ptr exchange::place_root(ticket_ptr t) {
  placement how = t->settings().placement;
  const bool began_here = t->history && t->history->began_here;
  if (began_here || !is_durable(*t)) return t;
  // Who was given it, or took it, keeps it.
  if (t->history && how.how == placement::kind::spread) how = placement{};
  const call_needs needs = needs_of(*t);
  incarnation_id node = others_.choose(how, needs);
  if (node == others_.self()) return t;
  bool given = others_.give_root(t->self.family, node);
  if (!given && !others_.may_run(others_.self(), how, needs)) {
    // That one is about to leave, and this one cannot.
    node = 0;
    given = others_.give_root(t->self.family, node);
  }
  if (!given) return t;
  engine_.leave_root(t->self);
  if (node != 0) send(node, drive_frame{t->self.family});
  return nullptr;
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

void exchange::meet_twin(ticket_ptr t, const life& there) {
  constexpr std::chrono::milliseconds until_it_has_gone{10};
  const bool lives_as_guest = there.parent && there.parent->far;
  t->place.reset();
  if (t->parent->far && lives_as_guest) {
    t->start_at = engine_.now_ms() + until_it_has_gone.count();
    engine_.enqueue(std::move(t));
  } else if (t->parent->far) {
    guests_.depart(t->self);
    send_to_all(t->parent->far->hosts, absent_frame{t->self});
  } else if (lives_as_guest) {
    expect_record(*t);
    t->history->homes = std::make_shared<const std::vector<incarnation_id>>(1, others_.self());
    ask_for(std::move(t));
  }
}

ticket_ptr exchange::keep_waiting(ticket_ptr t) {
  const placement& wanted = t->settings().placement;
  gauge_record g;
  g.gauge.weight = t->settings().weight.value_or(1);
  g.updated = engine_.now_ms();
  switch (wanted.how) {
    case placement::kind::role: g.parked = "no node has the role " + wanted.name.str(); break;
    case placement::kind::on: g.parked = "the node " + wanted.name.str() + " is not there"; break;
    default:
      g.parked = "no node knows the function " + to_string(t->called());
      for (const std::string& name : given_functions(t->function_name(), t->arguments)) g.parked += ", or " + name;
      if (!t->settings().queue.empty()) g.parked += ", or its queue " + t->settings().queue.str();
  }
  engine_.data().write(true, {write::what::gauge, t->self.family, t->self.index, 0, encode_gauge(g)});
  t->under_way = {};
  return away_.add({std::move(t), away::state::homeless, 0, {}});
}

ticket_ptr exchange::send_away(ticket_ptr t, incarnation_id node) {
  const key k = t->self;
  t->place.reset();
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
    others_.send(c->where, frame_of(*c->ticket, engine_.now_ms()));
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
  if (delay.count() > 0) t->start_at = engine_.now_ms() + delay.count();
  engine_.enqueue(std::move(t));
}

bool exchange::stop(const key& child, const error_info& why) {
  const auto state = away_.with(child, [](const away::child* c) { return c ? std::optional(c->state) : std::nullopt; });
  if (state == away::state::sent) send_stop(child, why);
  // Here it ends before it starts.
  if (state == away::state::homeless) come_back(child);
  return state.has_value();
}

/// Once it is durable why: after a kill nobody else would know.
void exchange::send_stop(const key& child, const error_info& why) {
  engine_.data().journal_of(true).submit(
      std::vector<write>(), [this, child, why, t = motion::token(engine_.moving())](const write_outcome&) {
        const incarnation_id where =
            away_.with(child, [](const away::child* c) { return c && c->state == away::state::sent ? c->where : 0; });
        if (where != 0) send(where, stop_frame{child, why});
      });
}

bool exchange::pass_on(const key& child, const key& record) {
  const incarnation_id where = away_.with(
      child, [](away::child* c) { return c && c->state == away::state::sent ? c->where : incarnation_id(0); });
  if (where != 0) send(where, noticed_frame{record});
  return where != 0;
}

void exchange::announce(const key& k) {
  announced_.add(k);
  for (const incarnation_id node : others_.living()) others_.send(node, noticed_frame{k});
}

// --- Guests -------------------------------------------------------------------------------------------------

void exchange::tell(const life& parent, mail m) {
  const far_parent& far = *parent.far;
  // Departs before it is told: an `attach` that came earlier has moved the parent, one that comes later finds it gone.
  if (const auto* done = std::get_if<child_done>(&m)) {
    const key guest{far.children, done->index};
    if (done->settled) guests_.depart(guest);
    send_to_all(far.hosts, done_frame{guest, done->result, done->settled, done->calculated, done->weight});
  } else if (const auto* settled = std::get_if<child_settled>(&m)) {
    const key guest{far.children, settled->index};
    guests_.depart(guest);
    send_to_all(far.hosts, settled_frame{guest});
  } else if (const auto* progress = std::get_if<child_progress>(&m)) {
    send_to_all(far.hosts, progress_frame{{far.children, progress->index}, progress->calculated, progress->weight});
  }
}

void exchange::send_to_all(const parent_hosts& hosts, const frame& f) {
  for (const incarnation_id node : hosts.all()) send(node, f);
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

}  // namespace banyan::detail
