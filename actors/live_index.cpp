#include "actors/live_index.hpp"

namespace banyan::detail {

life_ptr live_index::add(const life_ptr& l) {
  shard& s = shard_of(l->self);
  const std::lock_guard lock(s.mutex);
  const auto [it, added] = s.map.try_emplace(l->self);
  if (!added) return it->second.what;
  it->second.what = l;
  return {};
}

void live_index::set_actor(const key& k, strong_actor actor, std::uint32_t number) {
  shard& s = shard_of(k);
  strong_actor replaced;
  const std::lock_guard lock(s.mutex);
  const auto it = s.map.find(k);
  if (it == s.map.end() || it->second.number > number) return;
  replaced = std::move(it->second.actor);
  it->second.actor = std::move(actor);
  it->second.number = number;
}

void live_index::release_actor(const key& k) {
  shard& s = shard_of(k);
  strong_actor released;
  const std::lock_guard lock(s.mutex);
  if (const auto it = s.map.find(k); it != s.map.end()) released = std::move(it->second.actor);
}

strong_actor live_index::actor(const key& k) const {
  const shard& s = shard_of(k);
  const std::lock_guard lock(s.mutex);
  const auto it = s.map.find(k);
  return it == s.map.end() ? strong_actor() : strong_actor(it->second.actor.get());
}

void live_index::remove(const key& k) {
  shard& s = shard_of(k);
  live removed;
  const std::lock_guard lock(s.mutex);
  const auto it = s.map.find(k);
  if (it == s.map.end()) return;
  removed = std::move(it->second);
  s.map.erase(it);
}

life_ptr live_index::find(const key& k) const {
  const shard& s = shard_of(k);
  const std::lock_guard lock(s.mutex);
  const auto it = s.map.find(k);
  return it == s.map.end() ? life_ptr() : it->second.what;
}

std::vector<life_ptr> live_index::all() const {
  std::vector<life_ptr> lives;
  for (const shard& s : shards_) {
    const std::lock_guard lock(s.mutex);
    for (const auto& [k, l] : s.map) lives.push_back(l.what);
  }
  return lives;
}

bool live_index::empty() const {
  for (const shard& s : shards_) {
    const std::lock_guard lock(s.mutex);
    if (!s.map.empty()) return false;
  }
  return true;
}

}  // namespace banyan::detail
