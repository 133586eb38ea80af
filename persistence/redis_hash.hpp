#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "persistence/redis_servers.hpp"

namespace banyan::detail {

/// A hash of somebody's in a Redis, over a connection of its own. Not thread-safe.
///
/// Errors: `error`. `bad_url`, `failed` where the key holds something else, and those of `redis_connection`.
class redis_hash {
 public:
  redis_hash(const std::string& url, std::string key);

  std::uint64_t length();

  struct piece {
    std::vector<std::pair<std::string, std::string>> fields;
    std::uint64_t next = 0;  ///< the cursor behind them; 0: there is no more
  };
  /// Some fields from a cursor on; the same ones each time, while the hash stays as it is.
  piece scan(std::uint64_t cursor);

 private:
  redis_reply ask(std::initializer_list<std::string_view> command);

  redis_servers servers_;
  const std::string key_;
  const std::unique_ptr<redis_connection> connection_;
};

/// Whether a scan comes to cursor `a` after it came to cursor `b`, or at the same time: cursors are counted up from
/// their highest bit down. Holds for tables of all sizes, so also for a hash that has grown or shrunk meanwhile.
bool at_or_behind(std::uint64_t a, std::uint64_t b);

}  // namespace banyan::detail
