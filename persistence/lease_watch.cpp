#include "persistence/lease_watch.hpp"

#include <algorithm>
#include <utility>

namespace banyan::detail {

lease_watch::lease_watch(std::chrono::milliseconds length, boot_clock::time_point asked)
    : length_(boot_clock::duration(length) * 9 / 10), end_(asked + length_), thread_([this] { watch(); }) {}

lease_watch::~lease_watch() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    wakes_.notify_all();
  }
  thread_.join();
}

/// Of a lease that is over nothing, for ever: a clock that was asked once may be asked no more.
boot_clock::duration lease_watch::left() const {
  if (!over_) over_ = boot_clock::now() >= end_;
  return over_ ? boot_clock::duration{0} : end_ - boot_clock::now();
}

void lease_watch::renewed(boot_clock::time_point asked) {
  const std::lock_guard lock(mutex_);
  if (left() > boot_clock::duration{0}) end_ = std::max(end_, asked + length_);
}

void lease_watch::lost() {
  const std::lock_guard lock(mutex_);
  over_ = true;
  wakes_.notify_all();
}

bool lease_watch::over() const {
  const std::lock_guard lock(mutex_);
  static_cast<void>(left());
  return over_;
}

void lease_watch::on_over(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  call_ = std::move(call);
  wakes_.notify_all();
}

void lease_watch::watch() {
  // The clock of a wait stands still while the machine sleeps.
  constexpr boot_clock::duration longest_wait = std::chrono::milliseconds(200);
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    const boot_clock::duration rest = left();
    if (!over_) {
      wakes_.wait_for(lock, std::clamp(rest, boot_clock::duration(std::chrono::milliseconds(1)), longest_wait));
    } else if (const auto call = std::exchange(call_, nullptr)) {
      lock.unlock();
      call();
      lock.lock();
    } else {
      wakes_.wait(lock);
    }
  }
}

}  // namespace banyan::detail
