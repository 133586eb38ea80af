#include <algorithm>

#include "actors/engine.hpp"
#include "actors/exchange.hpp"
#include "actors/travel.hpp"

namespace banyan::detail {

/// What it may not have heard of late.
void exchange::announce_again(incarnation_id node) {
  for (const key& k : announced_.latest()) others_.send(node, noticed_frame{k});
}

void exchange::connected(incarnation_id node) {
  ++round_;
  halt_again(node);
  announce_again(node);
  std::vector<std::pair<key, error_info>> stopped;
  away_.for_each([&](const key& k, away::child& c) {
    if (c.state == away::state::sent && c.where == node) {
      // It says anew for what it waits: that it does no more may have been lost.
      c.wishes.clear();
      place_frame f = frame_of(*c.ticket, engine_.now_ms());
      f.again = true;
      others_.send(node, f);
      if (must_stop(*c.ticket)) stopped.emplace_back(k, c.ticket->parent->stop_reason());
    } else if (std::ranges::find(c.asked, node) != c.asked.end()) {
      others_.send(node, attach_frame{k});
    }
  });
  for (const auto& [k, why] : stopped) send_stop(k, why);
}

void exchange::ask_cut_off(const std::vector<incarnation_id>& nodes) {
  for (const incarnation_id node : nodes) {
    halt_again(node);
    announce_again(node);
  }
  ask(round_.load(), [&](incarnation_id n) { return std::ranges::find(nodes, n) != nodes.end(); });
}

void exchange::ask_connected() {
  ask(0, [this](incarnation_id n) { return n != others_.self() && others_.is_connected(n); });
}

void exchange::ask(std::uint64_t round, const std::function<bool(incarnation_id)>& concerns) {
  // The others have their turn at the next times.
  constexpr std::size_t most_at_once = 5000;
  std::size_t asked = 0;
  std::vector<std::pair<key, error_info>> stopped;
  const auto ask_one = [&](const key& k, away::child& c, incarnation_id node) {
    c.asked_about = true;
    ++asked;
    if (must_stop(*c.ticket)) stopped.emplace_back(k, c.ticket->parent->stop_reason());
    others_.send(node, attach_frame{k, round});
  };
  away_.for_each([&](const key& k, away::child& c) {
    if (asked >= most_at_once || c.asked_about) return;
    if (c.state == away::state::sent && concerns(c.where)) ask_one(k, c, c.where);
    for (const incarnation_id node : c.asked) {
      if (concerns(node)) ask_one(k, c, node);
    }
  });
  for (const auto& [k, why] : stopped) send_stop(k, why);
  if (asked < most_at_once) away_.for_each([](const key&, away::child& c) { c.asked_about = false; });
}

void exchange::lost(incarnation_id node) {
  std::vector<key> there;
  std::vector<key> perhaps;
  away_.for_each([&](const key& k, const away::child& c) {
    if (c.state == away::state::sent && c.where == node) there.push_back(k);
    if (std::ranges::find(c.asked, node) != c.asked.end()) perhaps.push_back(k);
  });
  halts_.lost(node);
  guests_.lost(node);
  for (const key& k : there) place_again(k, {});
  for (const key& k : perhaps) not_there(node, k);
}

void exchange::hand_out() {
  refuse_unstarted();
  for (ticket_ptr& t : engine_.take_unstarted(may_leave)) {
    placement how = t->settings().placement;
    // To stay is no choice.
    if (how.how == placement::kind::local) how = placement::spread();
    const incarnation_id to = others_.choose(how, needs_of(*t));
    if (to == 0 || to == others_.self()) {
      engine_.enqueue_here(std::move(t));
    } else {
      give(std::move(t), to);
    }
  }
}

/// Sends back the guests that have not started.
void exchange::refuse_unstarted() {
  const auto is_guest = [](const ticket& t) { return t.parent && t.parent->far; };
  for (const ticket_ptr& t : engine_.take_unstarted(is_guest)) {
    guests_.depart(t->self);
    send_to_all(t->parent->far->hosts, absent_frame{t->self});
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
