#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "persistence/url.hpp"

namespace banyan::detail {

struct redis_address {
  std::string host;
  std::uint16_t port = 0;

  bool operator==(const redis_address&) const = default;
  std::string str() const;
};

/// Paths of PEM files.
struct redis_tls_files {
  std::string ca;           ///< whom to trust; empty: those whom the system trusts
  std::string certificate;  ///< who we are, and its key; both or none
  std::string key;
};

/// What a Redis store's URL says.
struct redis_settings {
  std::vector<redis_address> servers;  ///< one, or the sentinels; empty where there is a socket
  std::string socket;                  ///< the path of a unix socket
  std::string master;                  ///< the name under which the sentinels know the server; empty: no sentinels
  std::string user;
  std::string password;
  unsigned db = 0;
  std::optional<redis_tls_files> tls;  ///< nothing: no TLS
  std::string prefix = "banyan";       ///< of all keys
  unsigned connections = 2;            ///< that write
  std::chrono::milliseconds command_timeout{5000};
  bool allow_eviction = false;

  /// Takes everything out of a URL of one of `redis_schemes`. Throws `error` (`bad_url`).
  static redis_settings take(store_url& url);
  /// The URL without secrets and options.
  std::string describe() const;
};

bool is_redis_scheme(std::string_view scheme);

}  // namespace banyan::detail
