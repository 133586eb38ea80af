#include "actors/engine.hpp"
#include "actors/exchange.hpp"
#include "actors/travel.hpp"

/// Places in queues that are lent over nodes.
namespace banyan::detail {

void exchange::begin_wish(life& parent, std::uint64_t guest, const std::string& queue) {
  far_parent& far = *parent.far;
  // What is said goes out in the order of what it says.
  const std::lock_guard lock(far.wishes_mutex);
  if (++far.wishes[{guest, queue}] == 1) send_to_all(far.hosts, wish_frame{{far.children, guest}, queue, true});
}

void exchange::end_wish(life& parent, std::uint64_t guest, const std::string& queue) {
  if (engine_.stopping()) return;
  far_parent& far = *parent.far;
  const std::lock_guard lock(far.wishes_mutex);
  const auto it = far.wishes.find({guest, queue});
  if (--it->second > 0) return;
  far.wishes.erase(it);
  send_to_all(far.hosts, wish_frame{{far.children, guest}, queue, false});
}

/// To a node that may not have heard of them.
void exchange::say_wishes(const key& guest, life& parent) {
  far_parent& far = *parent.far;
  const std::lock_guard lock(far.wishes_mutex);
  for (auto it = far.wishes.lower_bound({guest.index, {}}); it != far.wishes.end(); ++it) {
    if (it->first.first != guest.index) break;
    send_to_all(far.hosts, wish_frame{guest, it->first.second, true});
  }
}

void exchange::on(incarnation_id from, const wish_frame& f) {
  const auto at_sender = [from](const away::child* c) {
    return c && c->state == away::state::sent && c->where == from;
  };
  if (!f.waits) {
    away_.with(f.child, [&](away::child* c) {
      if (at_sender(c)) c->wishes.erase(f.queue);
    });
    return;
  }
  std::vector<place_ptr> lent;  // is given back after the lock
  const bool inside = away_.with(f.child, [&](away::child* c) {
    if (!at_sender(c)) return false;
    const life_ptr& parent = c->ticket->parent;
    // Under the lock: an answer from further up finds it there.
    if (!c->wishes.contains(f.queue)) {
      if (wish_ptr wish = place_wish::of(this, parent, f.child, f.queue, lent)) {
        c->wishes.emplace(f.queue, std::move(wish));
      }
    }
    return is_section(f.queue) && is_inside(parent.get(), f.queue);
  });
  if (inside) send(from, refuse_frame{f.child, f.queue});
}

void exchange::on(incarnation_id from, const refuse_frame& f) {
  const life_ptr parent = guests_.parent_of(f.child);
  if (parent && parent->far->hosts.contains(from)) engine_.refuse_below(f.child, f.queue);
}

void exchange::refuse_below(const key& above, const std::string& section) {
  std::vector<std::pair<incarnation_id, key>> further;
  away_.for_each([&](const key& k, const away::child& c) {
    const bool waits = c.state == away::state::sent && c.wishes.contains(section);
    if (waits && is_below(*c.ticket, above)) further.emplace_back(c.where, k);
  });
  for (const auto& [node, k] : further) send(node, refuse_frame{k, section});
}

}  // namespace banyan::detail
