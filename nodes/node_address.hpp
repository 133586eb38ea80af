#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace banyan::detail {

/// A place to connect to or to listen at.
struct node_address {
  std::string host;
  std::uint16_t port = 0;

  std::string str() const;
  /// Of `HOST:PORT` or `[IPV6]:PORT`. Throws `error` (`invalid_argument`).
  static node_address parse(std::string_view text);
};

}  // namespace banyan::detail
