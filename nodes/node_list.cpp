#include "nodes/node_list.hpp"

#include "messages/clock.hpp"
#include "nodes/hello.hpp"

namespace banyan::detail {
namespace {

node_card card_of(const member& m) {
  try {
    return decode_card(m.about);
  } catch (const error&) {
    node_card unreadable;
    unreadable.version = "unknown";
    return unreadable;
  }
}

}  // namespace

std::vector<node_info> list_nodes(store& s, const std::function<bool(incarnation_id)>& connected) {
  std::vector<node_info> found;
  membership* const members = s.cluster();
  if (!members) return found;
  for (const member& m : members->members()) {
    node_info& n = found.emplace_back();
    node_card card = card_of(m);
    n.name = m.name;
    n.address = std::move(card.address);
    n.roles = std::move(card.roles);
    n.version = std::move(card.version);
    n.since = from_millis(card.since);
    n.running = card.running;
    n.pending = card.pending;
    n.lease_left = m.lease_left;
    n.alive = m.alive;
    n.draining = m.draining;
    n.connected = m.alive && connected(m.incarnation);
  }
  return found;
}

}  // namespace banyan::detail
