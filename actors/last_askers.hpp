#pragma once

#include <chrono>
#include <deque>
#include <unordered_map>
#include <utility>

#include <banyan/key.hpp>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// Who asked last for guests of families that have none here: for as long as an order may still be on its way from
/// where their parents were before. Not thread-safe.
class last_askers {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A connection on which nothing comes for longer is lost.
  static constexpr std::chrono::minutes keep{1};

  void note(const family_id& family, incarnation_id asker, time_point now);
  /// Whether somebody else asked last. If not, nothing is known of the family from here on.
  bool asked_elsewhere(const family_id& family, incarnation_id node);
  void lost(incarnation_id asker);

 private:
  struct entry {
    incarnation_id asker = 0;
    time_point when;
  };

  std::unordered_map<family_id, entry> last_;
  std::deque<std::pair<time_point, family_id>> notes_;  ///< the oldest first
};

}  // namespace banyan::detail
