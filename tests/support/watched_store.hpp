#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "persistence/fault_store.hpp"
#include "persistence/memory_store.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {

/// A store in memory that a journal takes for one with I/O.
class slow_memory_store final : public detail::memory_store {
 public:
  bool immediate() const override { return false; }
};

/// A store that goes wrong as a test wants, and remembers the sizes of the batches that it was given.
class watched_store {
 public:
  using moment = detail::fault_store::moment;
  /// Called before each commit with its number, from 1 on; may throw and may wait.
  using before = std::function<void(std::uint64_t number)>;

  explicit watched_store(std::unique_ptr<detail::store> behind, before hook = {}, detail::fault_plan plan = {})
      : store_(std::move(behind), plan, [this, hook](moment m, std::uint64_t number, auto writes) {
          if (m == moment::after) return;
          note(writes.size());
          if (hook) hook(number);
        }) {}

  detail::store& operator*() { return store_; }
  detail::store* operator->() { return &store_; }

  /// Also of those commits that failed.
  std::vector<std::size_t> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

 private:
  void note(std::size_t size) {
    const std::lock_guard lock(mutex_);
    batches_.push_back(size);
  }

  std::mutex mutex_;
  std::vector<std::size_t> batches_;
  detail::fault_store store_;
};

}  // namespace banyan::test
