#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "persistence/signals.hpp"

namespace banyan::detail {

bool engine::send(const signal_record& s) {
  check_payload(s.value, settings_.limits.max_payload, settings_.limits.max_depth, "the signal " + s.name);
  const auto located = records_.find(s.to);
  if (!located) throw error(errc::not_found, "no future has the key " + s.to.str());
  if (!takes_signals(s.to, located->found)) return false;
  const bool elsewhere =
      located->durable && records_.backend().shared() && !live_.find(s.to) && !live_parent(s.to).first;
  const key at = append_signal(records_.store_of(located->durable), s, [&](const write& w) {
    std::vector<write> group;
    // Who drives it is to hear of it. Without the signal yet, a driver looks again for a while.
    if (elsewhere) group.push_back({write::what::notice, w.family, w.index, 0, {}});
    group.push_back(w);
    return records_.journal_of(located->durable).commit(std::move(group), store_patience);
  });
  if (!tell_of_signal(s.to, at) && exchange_) exchange_->announce(at);
  return true;
}

/// False if this program does not know where that future runs.
bool engine::tell_of_signal(const key& to, const key& at) {
  if (const life_ptr l = live_.find(to)) {
    post(*l, signalled{});
    return true;
  }
  // One that has not started here looks when it does.
  return (exchange_ && exchange_->pass_on(to, at)) || static_cast<bool>(live_parent(to).first);
}

}  // namespace banyan::detail
