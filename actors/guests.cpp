#include "actors/guests.hpp"

#include "messages/family.hpp"

namespace banyan::detail {

life_ptr guests::receive(const place_frame& f, incarnation_id host) {
  const std::lock_guard lock(mutex_);
  if (!families_.contains(f.child.family) && asked_.asked_elsewhere(f.child.family, host)) return {};
  family& siblings = families_[f.child.family];
  if (!siblings.parent) siblings.parent = stand_in(f, host);
  if (!siblings.parent->far->hosts.ordered_from(host)) return {};
  return siblings.children.insert(f.child.index).second ? siblings.parent : life_ptr();
}

life_ptr guests::stand_in(const place_frame& f, incarnation_id host) {
  tree& t = trees_[f.root];
  if (!t.root) t.root = life::of_far_root({f.root, 0}, epoch_);
  ++t.families;
  // What was adopted is in the family of the first attempt, with siblings that belong to that.
  const std::uint32_t attempt = f.attempt == adopted_attempt ? 1 : f.attempt;
  return life::of_far_parent(f.parent, attempt, f.level - 1, f.keep, f.priority,
                             std::make_unique<far_parent>(f.child.family, t.root, host, f.queues), epoch_);
}

life_ptr guests::parent_of(const key& guest) const {
  const std::lock_guard lock(mutex_);
  const auto it = families_.find(guest.family);
  if (it == families_.end() || !it->second.children.contains(guest.index)) return {};
  return it->second.parent;
}

bool guests::move_parent(const key& guest, incarnation_id host) {
  const std::lock_guard lock(mutex_);
  const auto it = families_.find(guest.family);
  if (it == families_.end()) {
    asked_.note(guest.family, host, std::chrono::steady_clock::now());
    return false;
  }
  it->second.parent->far->hosts.moved_to(host);
  return it->second.children.contains(guest.index);
}

void guests::lost(incarnation_id host) {
  const std::lock_guard lock(mutex_);
  for (auto& [family, siblings] : families_) siblings.parent->far->hosts.lost(host);
  asked_.lost(host);
}

void guests::depart(const key& guest) {
  life_ptr gone;
  life_ptr root;
  const std::lock_guard lock(mutex_);
  const auto it = families_.find(guest.family);
  if (it == families_.end() || it->second.children.erase(guest.index) == 0 || !it->second.children.empty()) return;
  gone = std::move(it->second.parent);
  if (const auto asker = gone->far->hosts.last_of_several()) {
    asked_.note(guest.family, *asker, std::chrono::steady_clock::now());
  }
  families_.erase(it);
  const auto t = trees_.find(gone->root()->self.family);
  if (--t->second.families > 0) return;
  root = std::move(t->second.root);
  trees_.erase(t);
}

}  // namespace banyan::detail
