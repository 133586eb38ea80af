#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "actors/last_askers.hpp"
#include "actors/life.hpp"
#include "messages/frames.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// The futures that run here for parents on other nodes. In place of each parent there is a life that stands for it:
/// the guest's way up ends there, and what is said to it goes to the parent's node. Thread-safe.
class guests {
 public:
  explicit guests(stop_epoch& epoch) : epoch_(epoch) {}

  /// A guest comes, by an order from `host`. Returns the life that stands for its parent; null if the guest is here
  /// already, or if the order came late: see `parent_hosts` and `last_askers`.
  life_ptr receive(const place_frame& f, incarnation_id host);
  /// The life that stands for the parent; null if there is no such guest.
  life_ptr parent_of(const key& guest) const;
  /// The guest's parent is at `host` now, and so is that of its siblings, here or on their way. False if there is no
  /// such guest.
  bool move_parent(const key& guest, incarnation_id host);
  /// The guest is settled, or has gone.
  void depart(const key& guest);
  void lost(incarnation_id host);

 private:
  struct family {
    life_ptr parent;
    std::unordered_set<std::uint64_t> children;
  };
  struct tree {
    life_ptr root;
    std::size_t families = 0;
  };

  life_ptr stand_in(const place_frame& f, incarnation_id host);

  stop_epoch& epoch_;
  mutable std::mutex mutex_;
  std::unordered_map<family_id, family> families_;
  std::unordered_map<family_id, tree> trees_;  ///< so that all of a tree have one root in common
  last_askers asked_;
};

}  // namespace banyan::detail
