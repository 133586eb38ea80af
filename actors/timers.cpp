#include "actors/timers.hpp"

namespace banyan::detail {

timers::timers() : thread_([this] { run(); }) {}

timers::~timers() { stop(); }

bool timers::set_offset(std::chrono::milliseconds offset) {
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
  return offset_.exchange(offset.count()) != offset.count();
}

timers::id timers::schedule(clock::time_point when, std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return {};
  const id timer{when, next_number_++};
  const auto it = queue_.emplace(timer, std::move(call)).first;
  if (it == queue_.begin()) changed_.notify_one();
  return timer;
}

bool timers::cancel(id timer) {
  // Freed outside the lock.
  queue::node_type cancelled;
  const std::lock_guard lock(mutex_);
  cancelled = queue_.extract(timer);
  return !cancelled.empty();
}

void timers::stop() {
  queue dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
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
    if (next->first.when > now()) {
      changed_.wait_until(lock, clock::time_point(next->first.when - offset()));
      continue;
    }
    queue::node_type called = queue_.extract(next);
    lock.unlock();
    called.mapped()();
    // Freed outside the lock.
    called = {};
    lock.lock();
  }
}

}  // namespace banyan::detail
