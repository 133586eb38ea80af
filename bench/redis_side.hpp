#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>

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

/// The most memory that a server's data took while this lived. A thread of its own looks fifty times a second.
class memory_peak {
 public:
  explicit memory_peak(const redis_side& server);
  std::size_t most() const { return most_; }

 private:
  std::atomic<std::size_t> most_;
  std::jthread thread_;
};

}  // namespace bench
