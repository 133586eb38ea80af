#include "actors/engine.hpp"
#include "actors/exchange.hpp"
#include "actors/travel.hpp"

/// Cancelled futures, and what is below them on other nodes. A wave goes down from node to node, to each child that is
/// elsewhere once, and its answers come back up.
namespace banyan::detail {

void exchange::halt(const key& k, const error_info& why, halts::callback done) {
  std::vector<halts::target> targets = std::move(stopped_elsewhere({k})[k]);
  const bool known = engine_.live().find(k) || guests_.parent_of(k) || away_.contains(k);
  if (!known) {
    for (const incarnation_id node : others_.living()) targets.emplace_back(node, k);
  }
  begin_wave(targets, why, std::move(done));
}

/// The children on other nodes that are to stop, by which of `futures` they are or are below, on the way that leads
/// over this node alone.
std::unordered_map<key, std::vector<halts::target>> exchange::stopped_elsewhere(
    const std::unordered_set<key>& futures) {
  std::unordered_map<key, std::vector<halts::target>> found;
  const auto add = [&](std::vector<halts::target>& to, const key& k, const away::child& c) {
    if (c.state == away::state::sent && c.where != others_.self()) to.emplace_back(c.where, k);
    for (const incarnation_id node : c.asked) {
      if (node != others_.self()) to.emplace_back(node, k);
    }
  };
  away_.for_each([&](const key& k, const away::child& c) {
    const bool anywhere = c.state == away::state::sent || c.state == away::state::asked_for;
    if (!anywhere || !must_stop(*c.ticket)) return;
    if (futures.contains(k)) add(found[k], k, c);
    for (const life* above = c.ticket->parent.get(); above; above = above->parent.get()) {
      if (futures.contains(above->self)) add(found[above->self], k, c);
    }
  });
  return found;
}

void exchange::begin_wave(const std::vector<halts::target>& targets, const error_info& why, halts::callback done) {
  const std::uint64_t wave = halts_.begin(targets, std::move(done));
  for (const auto& [node, k] : targets) {
    others_.send(node, halt_frame{wave, k, why});
    if (!others_.exists(node)) halts_.answered(wave, node, k);
  }
}

/// A node may not have heard of it.
void exchange::halt_again(incarnation_id node) {
  const error_info why{errc::cancelled, "cancelled", {}, {}};
  for (const auto& [wave, k] : halts_.open_at(node)) others_.send(node, halt_frame{wave, k, why});
}

void exchange::on(incarnation_id from, const halt_frame& f) {
  if (!engine_.stop_now(f.future, f.why)) {
    others_.send(from, halted_frame{f.wave, f.future});
    return;
  }
  // One look at all that is away serves all that came until then.
  if (!halts_.ask({from, f.wave, f.future, f.why})) return;
  engine_.clock().schedule(engine_.clock().now(), [this, t = motion::token(engine_.moving())] { pass_halts_on(); });
}

void exchange::pass_halts_on() {
  const std::vector<halts::request> requests = halts_.take_asked();
  std::unordered_set<key> futures;
  for (const halts::request& r : requests) futures.insert(r.future);
  auto targets = stopped_elsewhere(futures);
  for (const halts::request& r : requests) {
    begin_wave(targets[r.future], r.why, [this, from = r.from, wave = r.wave, k = r.future] {
      halts_.done(from, wave, k);
      others_.send(from, halted_frame{wave, k});
    });
  }
}

void exchange::on(incarnation_id from, const halted_frame& f) { halts_.answered(f.wave, from, f.future); }

}  // namespace banyan::detail
