#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "persistence/redis_settings.hpp"

namespace bench {

/// The server behind a store, for figures beside ours. One server, no cluster.
class redis_side {
 public:
  /// Nothing for the URL of another store.
  static std::optional<redis_side> of(const std::string& store_url);

  /// New keys a second that `redis-benchmark -P 64` makes by HSETNX; they are gone when it returns. Throws
  /// `std::runtime_error` where there is no such program.
  double hsetnx_per_second(std::size_t requests) const;

  /// Bytes of memory that the server's data take.
  std::size_t used_memory() const;

 private:
  explicit redis_side(banyan::detail::redis_settings s) : settings_(std::move(s)) {}
  void forget_keys() const;

  banyan::detail::redis_settings settings_;
};

}  // namespace bench
