#include "actors/timers.hpp"

namespace banyan::detail {

timers::timers() : thread_([this] { run(); }) {}

timers::~timers() { stop(); }

timers::id timers::schedule(clock::time_point when, std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return 0;
  const id timer = next_id_++;
  const auto it = queue_.emplace(when, std::pair(timer, std::move(call)));
  by_id_.emplace(timer, it);
  if (it == queue_.begin()) changed_.notify_one();
  return timer;
}

bool timers::cancel(id timer) {
  std::function<void()> freed_outside_the_lock;
  const std::lock_guard lock(mutex_);
  const auto it = by_id_.find(timer);
  if (it == by_id_.end()) return false;
  freed_outside_the_lock = std::move(it->second->second.second);
  queue_.erase(it->second);
  by_id_.erase(it);
  return true;
}

void timers::stop() {
  queue dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    by_id_.clear();
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto next = queue_.begin();
    if (next->first > clock::now()) {
      changed_.wait_until(lock, next->first);
      continue;
    }
    const auto call = std::move(next->second.second);
    by_id_.erase(next->second.first);
    queue_.erase(next);
    lock.unlock();
    call();
    lock.lock();
  }
}

}  // namespace banyan::detail
