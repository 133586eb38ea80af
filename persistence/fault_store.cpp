#include "persistence/fault_store.hpp"

#include <signal.h>
#include <unistd.h>

#include <thread>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

/// As a power cut would: no destructor runs and nothing is flushed.
[[noreturn]] void die() {
  for (;;) ::kill(::getpid(), SIGKILL);
}

[[noreturn]] void throw_fault(const char* what, std::uint64_t number) {
  throw error(errc::store_unavailable,
              std::string(what) + " of commit " + std::to_string(number) + ", as the plan says");
}

}  // namespace

fault_store::fault_store(std::unique_ptr<store> behind, fault_plan plan, watcher watch)
    : behind_(std::move(behind)), plan_(plan), watch_(std::move(watch)), random_(plan.seed) {}

std::string fault_store::describe() const { return std::string(fault_prefix) + behind_->describe(); }

fault_store::fate fault_store::next_fate() {
  const std::lock_guard lock(mutex_);
  std::uniform_real_distribution<double> share(0, 1);
  fate f{.number = ++commits_};
  f.fails = f.number == plan_.fail || (plan_.fail_from != 0 && f.number >= plan_.fail_from) ||
            share(random_) < plan_.fail_rate;
  f.lies = f.number == plan_.lie || share(random_) < plan_.lie_rate;
  return f;
}

void fault_store::commit(std::span<const write> writes, std::span<write_outcome> outcomes) {
  const fate f = next_fate();
  if (plan_.delay.count() > 0) std::this_thread::sleep_for(plan_.delay);
  if (watch_) watch_(moment::before, f.number, writes);
  if (f.number == plan_.crash_before) die();
  if (f.number == plan_.crash_during) {
    const std::size_t half = writes.size() / 2;
    behind_->commit(writes.first(half), outcomes.first(half));
    die();
  }
  if (f.fails) throw_fault("failure", f.number);
  behind_->commit(writes, outcomes);
  if (f.number == plan_.crash_after) die();
  if (watch_) watch_(moment::after, f.number, writes);
  if (f.lies) throw_fault("lost reply", f.number);
}

}  // namespace banyan::detail
