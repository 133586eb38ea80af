#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/place_wish.hpp"
#include "actors/ticket.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// The children of futures here that run on other nodes, each with what is needed to begin it anew. Thread-safe.
class away {
 public:
  enum class state : std::uint8_t {
    asked_for,  ///< it may run somewhere: the nodes that it may run on were asked
    homeless,   ///< there is no node for it now
    leaving,    ///< for a node, once all that it needs is durable
    sent,
  };

  struct child {
    ticket_ptr ticket;
    away::state state = state::homeless;
    incarnation_id where = 0;                  ///< while it is leaving or sent
    std::vector<incarnation_id> asked;         ///< that have not answered yet
    bool asked_about = false;                  ///< of late, by a detour
    std::map<std::string, wish_ptr> wishes{};  ///< while it is sent: for places in queues of those above it
  };

  /// Calls `change(child*)`, null if it is not away, under the lock: it must not block, nor call this. Returns what
  /// that returns.
  template <class F>
  auto with(const key& k, F change) {
    const std::lock_guard lock(mutex_);
    const auto it = children_.find(k);
    return change(it == children_.end() ? nullptr : &it->second);
  }
  /// `change(key, child)` for each.
  template <class F>
  void for_each(F change) {
    const std::lock_guard lock(mutex_);
    for (auto& [k, c] : children_) change(k, c);
  }

  /// Adds one that is not away, or gives its ticket back.
  ticket_ptr add(child c);
  bool contains(const key& k) const;
  /// It is settled, or goes on here. Null if it is not away.
  ticket_ptr remove(const key& k);
  /// True if nobody has noted yet that some of a family run on a node; it is noted now, until none of them is away.
  bool note_home(const family_id& family, incarnation_id node);
  std::size_t size() const;

 private:
  struct family {
    std::size_t children = 0;
    std::vector<incarnation_id> homes;
  };

  mutable std::mutex mutex_;
  std::unordered_map<key, child> children_;
  std::unordered_map<family_id, family> families_;
};

}  // namespace banyan::detail
