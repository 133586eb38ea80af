#include "actors/timers.hpp"

#include <algorithm>

#include "persistence/boot_clock.hpp"

namespace banyan::detail {

timers::timers() : thread_([this] { run(); }) {}

timers::~timers() { stop(); }

timers::clock::time_point timers::now() const {
  const std::int64_t base = base_.load(std::memory_order_relaxed);
  if (base == own_clock) return clock::now();
  const auto since_boot = std::chrono::duration_cast<clock::duration>(boot_clock::now().time_since_epoch());
  return clock::time_point(std::chrono::milliseconds(base)) + since_boot;
}

void timers::set_base(std::chrono::milliseconds base) {
  if (base_.exchange(base.count()) == base.count()) return;
  const std::lock_guard lock(mutex_);
  changed_.notify_one();
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

void timers::wait_for(std::unique_lock<std::mutex>& lock, clock::time_point when) {
  if (base_.load(std::memory_order_relaxed) == own_clock) {
    changed_.wait_until(lock, when);
    return;
  }
  // What a wait goes by stands still while the machine sleeps.
  constexpr clock::duration longest_wait = std::chrono::seconds(1);
  changed_.wait_for(lock, std::min(when - now(), longest_wait));
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
      wait_for(lock, next->first.when);
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
