#pragma once

#include <string>

#include "persistence/redis_servers.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// What one server says of how well it keeps what it is given.
struct redis_health {
  std::string version;
  std::string eviction;  ///< `maxmemory_policy`
  std::string fsync;     ///< `appendfsync`; empty where the server does not tell
  bool append_only = false;
  bool snapshots = false;  ///< from time to time; told only together with `fsync`

  static redis_health of(redis_connection& c);
  /// Throws `error`: `store_unavailable` for a version that is too old, `invalid_argument` for a policy that evicts.
  void check(const std::string& store_name, bool allow_eviction) const;
  store_remark remark(const std::string& store_name) const;
};

}  // namespace banyan::detail
