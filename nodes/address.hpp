#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace banyan::detail {

/// Where on the network a node listens.
struct network_address {
  std::string host;  ///< a name or an address; an IPv6 one without its brackets
  std::uint16_t port = 0;

  bool operator==(const network_address&) const = default;
  /// `HOST:PORT` or `[HOST]:PORT`.
  std::string str() const;
  /// True for 127.0.0.0/8, ::1 and localhost: nobody reaches it from another machine.
  bool is_loopback() const;
  /// True for 0.0.0.0 and ::, which stand for all addresses of the machine.
  bool is_wildcard() const;
};

/// Reads `HOST:PORT` or `[IPv6]:PORT`; nothing where it is anything else.
std::optional<network_address> parse_address(std::string_view text);
/// The same; throws `error` (`invalid_argument`).
network_address require_address(std::string_view text);

}  // namespace banyan::detail
