#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "actors/life.hpp"

namespace banyan::detail {

/// The futures that cannot go on in this program, and with them those above that wait for them. Thread-safe.
class stalls {
 public:
  void add(const life_ptr& l);
  /// It was settled, or goes on. Costs next to nothing while nothing is stalled.
  void remove(const life& l);
  /// Why a future has no result and will have none from this program; nothing if that is not so.
  std::optional<error_info> find(const key& k) const;

 private:
  std::atomic<std::size_t> count_{0};
  mutable std::mutex mutex_;
  std::vector<life_ptr> stalled_;
};

}  // namespace banyan::detail
