#include "actors/away.hpp"

#include <algorithm>

namespace banyan::detail {

ticket_ptr away::add(child c) {
  const key k = c.ticket->self;
  const std::lock_guard lock(mutex_);
  const auto [it, added] = children_.try_emplace(k);
  if (!added) return std::move(c.ticket);
  it->second = std::move(c);
  ++families_[k.family].children;
  return nullptr;
}

bool away::contains(const key& k) const {
  const std::lock_guard lock(mutex_);
  return children_.contains(k);
}

ticket_ptr away::remove(const key& k) {
  const std::lock_guard lock(mutex_);
  const auto it = children_.find(k);
  if (it == children_.end()) return nullptr;
  ticket_ptr t = std::move(it->second.ticket);
  children_.erase(it);
  const auto f = families_.find(k.family);
  if (--f->second.children == 0) families_.erase(f);
  return t;
}

bool away::note_home(const family_id& family, incarnation_id node) {
  const std::lock_guard lock(mutex_);
  const auto it = families_.find(family);
  if (it == families_.end()) return true;
  std::vector<incarnation_id>& homes = it->second.homes;
  if (std::ranges::find(homes, node) != homes.end()) return false;
  homes.push_back(node);
  return true;
}

std::size_t away::size() const {
  const std::lock_guard lock(mutex_);
  return children_.size();
}

}  // namespace banyan::detail
