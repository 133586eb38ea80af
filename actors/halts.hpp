#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <banyan/key.hpp>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// Who is still to say that a future and all below it have been told to stop. A wave begins with one node and goes on
/// to those that run something for it; each answers when all that it asked have answered. Thread-safe.
class halts {
 public:
  using target = std::pair<incarnation_id, key>;
  using callback = std::function<void()>;

  /// Begins a wave and returns its number. `done` is called once all targets have answered or are lost, perhaps at
  /// once; it must not block.
  std::uint64_t begin(const std::vector<target>& targets, callback done);
  void answered(std::uint64_t wave, incarnation_id node, const key& k);
  /// Nothing is waited for from a node that is gone.
  void lost(incarnation_id node);
  /// What a node has not answered, with the number of the wave.
  std::vector<std::pair<std::uint64_t, key>> open_at(incarnation_id node) const;

 private:
  struct wave {
    std::vector<target> open;
    callback done;
  };

  mutable std::mutex mutex_;
  std::map<std::uint64_t, wave> waves_;
  std::uint64_t next_ = 1;
};

}  // namespace banyan::detail
