#pragma once

#include <string>
#include <string_view>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// What a lease says: whose it is, in a number that no other claim has, in the holder's process, and in its words for
/// itself.
struct lease_claim {
  incarnation_id id = 0;  ///< 0 for what is none of ours
  std::string boot, space;
  std::string pid, start;
  std::string holder;

  std::string str() const;
  static lease_claim parse(std::string_view text);
  /// A new one, of this process.
  static lease_claim mine(std::string_view holder);

  /// True when it is of a process of this machine that is no more. A holder elsewhere is never known to be dead.
  bool known_dead() const;
};

}  // namespace banyan::detail
