#include "actors/waiters.hpp"

#include <algorithm>

namespace banyan::detail {

waiters::id waiters::add(const key& k, callback call) {
  const std::lock_guard lock(mutex_);
  const id number = next_++;
  waiting_[k].push_back({number, std::move(call)});
  // Sequentially consistent: whoever adds a waiter reads the store after this, whoever notifies has
  // written the store before it reads the count. One of the two sees the other.
  count_.fetch_add(1);
  return number;
}

void waiters::remove(const key& k, id waiter_id) {
  const std::lock_guard lock(mutex_);
  const auto it = waiting_.find(k);
  if (it == waiting_.end()) return;
  count_.fetch_sub(std::erase_if(it->second, [&](const waiter& w) { return w.number == waiter_id; }));
  if (it->second.empty()) waiting_.erase(it);
}

void waiters::notify(const key& k, const outcome_ptr& result) {
  if (count_.load() == 0) return;
  std::vector<waiter> called;
  {
    const std::lock_guard lock(mutex_);
    const auto it = waiting_.find(k);
    if (it == waiting_.end()) return;
    called = std::move(it->second);
    waiting_.erase(it);
    count_.fetch_sub(called.size());
  }
  for (const waiter& w : called) w.call(result);
}

void waiters::notify_stalled(const key& k) {
  if (count_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  const auto it = waiting_.find(k);
  if (it == waiting_.end()) return;
  for (const waiter& w : it->second) w.call(nullptr);
}

void waiters::notify_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& [k, list] : waiting_) {
    for (const waiter& w : list) w.call(nullptr);
  }
}

std::vector<key> waiters::keys() const {
  const std::lock_guard lock(mutex_);
  std::vector<key> keys;
  keys.reserve(waiting_.size());
  for (const auto& [k, list] : waiting_) keys.push_back(k);
  return keys;
}

}  // namespace banyan::detail
