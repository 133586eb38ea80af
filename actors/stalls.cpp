#include "actors/stalls.hpp"

#include <algorithm>

namespace banyan::detail {

void stalls::add(const life_ptr& l) {
  const std::lock_guard lock(mutex_);
  stalled_.push_back(l);
  count_.store(stalled_.size());
}

void stalls::remove(const life& l) {
  if (count_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  std::erase_if(stalled_, [&](const life_ptr& s) { return s->self == l.self; });
  count_.store(stalled_.size());
}

std::optional<error_info> stalls::find(const key& k) const {
  if (count_.load() == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  for (const life_ptr& s : stalled_) {
    // One that was given a result from outside holds nobody back any more.
    if (is_final(s->status.load())) continue;
    for (const life* at = s.get(); at; at = at->parent.get()) {
      if (at->self == k) return s->parked();
    }
  }
  return std::nullopt;
}

}  // namespace banyan::detail
