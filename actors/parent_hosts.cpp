#include "actors/parent_hosts.hpp"

#include <algorithm>

namespace banyan::detail {

parent_hosts::parent_hosts(incarnation_id first) : nodes_{first} {}

bool parent_hosts::ordered_from(incarnation_id node) {
  const std::lock_guard lock(mutex_);
  if (std::ranges::count(nodes_, node) > 0) return nodes_.back() == node;
  nodes_.push_back(node);
  return true;
}

void parent_hosts::moved_to(incarnation_id node) {
  const std::lock_guard lock(mutex_);
  std::erase(nodes_, node);
  nodes_.push_back(node);
}

void parent_hosts::lost(incarnation_id node) {
  const std::lock_guard lock(mutex_);
  std::erase(nodes_, node);
}

bool parent_hosts::contains(incarnation_id node) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::count(nodes_, node) > 0;
}

std::vector<incarnation_id> parent_hosts::all() const {
  const std::lock_guard lock(mutex_);
  return nodes_;
}

std::optional<incarnation_id> parent_hosts::last_of_several() const {
  const std::lock_guard lock(mutex_);
  return nodes_.size() > 1 ? std::optional(nodes_.back()) : std::nullopt;
}

}  // namespace banyan::detail
