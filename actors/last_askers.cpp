#include "actors/last_askers.hpp"

namespace banyan::detail {

void last_askers::note(const family_id& family, incarnation_id asker, time_point now) {
  constexpr std::chrono::seconds newer{1};
  const auto it = last_.find(family);
  if (it != last_.end() && it->second.asker == asker && now - it->second.when < newer) return;
  last_.insert_or_assign(family, entry{asker, now});
  notes_.emplace_back(now, family);
  for (; notes_.front().first + keep < now; notes_.pop_front()) {
    const auto old = last_.find(notes_.front().second);
    if (old != last_.end() && old->second.when == notes_.front().first) last_.erase(old);
  }
}

bool last_askers::asked_elsewhere(const family_id& family, incarnation_id node) {
  const auto it = last_.find(family);
  if (it == last_.end()) return false;
  if (it->second.asker != node) return true;
  last_.erase(it);
  return false;
}

void last_askers::lost(incarnation_id asker) {
  std::erase_if(last_, [asker](const auto& known) { return known.second.asker == asker; });
}

}  // namespace banyan::detail
