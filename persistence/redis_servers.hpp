#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/redis_connection.hpp"

namespace banyan::detail {

/// Where a key lives; nothing where there is one server only.
using redis_place = std::optional<redis_address>;

/// The slot of a key in a Redis Cluster: what is between its first braces decides.
std::uint16_t redis_slot(std::string_view key);

/// The answer of a server that does not hold a key, `MOVED 3999 127.0.0.1:6381` or `ASK ...`.
struct redis_redirect {
  bool ask = false;  ///< for this command only, which is to follow an ASKING
  std::uint16_t slot = 0;
  redis_address to;

  /// Nothing for any other error.
  static std::optional<redis_redirect> parse(std::string_view reply);
};

/// The servers behind a URL: one, the masters of a Redis Cluster, or the master that sentinels know. Thread-safe.
class redis_servers {
 public:
  /// Connects once, so that what is wrong is said now. Throws `error`.
  explicit redis_servers(redis_settings s);

  const redis_settings& settings() const { return settings_; }
  bool cluster() const { return cluster_; }
  redis_place place_of(std::string_view key);
  std::unique_ptr<redis_connection> connect(const redis_place& where);
  /// All masters.
  std::vector<redis_place> places();

  /// A server said that a slot is elsewhere.
  void moved(const redis_redirect& r);
  /// How often a server said that it has not the slot it was thought to have.
  std::uint64_t moves() const { return moves_.load(std::memory_order_relaxed); }
  /// A server of a cluster is lost: the map is read anew from those that answer.
  void look_again();

 private:
  redis_address find_master() const;
  void check_role(redis_connection& c) const;
  void read_map(redis_connection& from, const redis_address& asked);

  const redis_settings settings_;
  bool cluster_ = false;
  std::atomic<std::uint64_t> moves_{0};
  std::mutex mutex_;
  std::vector<redis_address> masters_;    ///< of a cluster, under the lock
  std::vector<std::uint16_t> master_of_;  ///< [slot]: position in `masters_`
};

}  // namespace banyan::detail
