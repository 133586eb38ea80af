#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// The nodes at which the parent of guests may be. As it moves when its node is lost, and what the nodes before sent
/// may come late, guests cannot know for sure: what has to arrive is told to all, and counts where the parent is.
/// Thread-safe.
class parent_hosts {
 public:
  explicit parent_hosts(incarnation_id first);

  /// An order has come from there. False: it was on its way when the parent moved, and somebody else asks since.
  bool ordered_from(incarnation_id node);
  /// It is there now.
  void moved_to(incarnation_id node);
  void lost(incarnation_id node);
  bool contains(incarnation_id node) const;
  std::vector<incarnation_id> all() const;
  /// The one that asked last; nothing if there is but one.
  std::optional<incarnation_id> last_of_several() const;

 private:
  mutable std::mutex mutex_;
  std::vector<incarnation_id> nodes_;  ///< the one that asked last is the last
};

}  // namespace banyan::detail
