#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <banyan/detail/outcome.hpp>
#include <banyan/key.hpp>

namespace banyan::detail {

/// Who waits for the result of which future, besides its parent. Thread-safe; costs next to nothing while nobody waits.
class waiters {
 public:
  /// Called once with a durable result, or with null when the future cannot go on in this program. Must not block.
  using callback = std::function<void(const outcome_ptr&)>;
  using id = std::uint64_t;

  id add(const key& k, callback call);
  void remove(const key& k, id waiter);
  /// Calls and forgets those who wait for `k`.
  void notify(const key& k, const outcome_ptr& result);
  /// Calls those who wait for `k` with null; they go on waiting.
  void notify_stalled(const key& k);
  /// Calls all with null, as when the runtime stops.
  void notify_all();

  /// The keys that are waited for.
  std::vector<key> keys() const;

 private:
  struct waiter {
    id number;
    callback call;
  };

  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::unordered_map<key, std::vector<waiter>> waiting_;
  id next_ = 1;
};

}  // namespace banyan::detail
