#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "nodes/address.hpp"

namespace banyan::detail {

/// TLS in front of a port of this machine that trusts whoever reaches it, for both directions. It copies bytes and does
/// not look at them. Both sides of a connection show a certificate, and any that an authority in `ca` vouches for is
/// taken: which host it names does not matter. Works on one thread of its own. Thread-safe.
class tls_gate {
 public:
  struct settings {
    network_address listen;
    std::uint16_t inside = 0;                   ///< the port on 127.0.0.1 that is behind the gate
    std::string certificate, key, ca;           ///< files in PEM; read once, by the constructor
    std::chrono::milliseconds handshake{5000};  ///< that a connection has to get through
    std::chrono::milliseconds stall{15000};     ///< a side that takes no bytes for so long is given up
    /// Connections that are not through yet. When one too many comes, the one that has been at it longest is closed.
    std::size_t unfinished = 64;
    /// Called on the gate's thread, and not often: what keeps connections from getting through. May be empty.
    std::function<void(const std::string&)> warn{};
  };

  /// Listens. Throws `error` (`invalid_argument`): a file that cannot be used, a key that does not fit, or an address
  /// where it cannot listen.
  explicit tls_gate(const settings& s);
  ~tls_gate();  ///< `stop`
  tls_gate(const tls_gate&) = delete;
  tls_gate& operator=(const tls_gate&) = delete;

  /// Where it listens: with the port that was found.
  const network_address& address() const { return address_; }
  /// A port on 127.0.0.1 that takes one connection, within the time of a handshake, and leads it to the gate at `to`.
  /// Does not wait: a tunnel that does not come to be closes its connection. Throws `error`: `stopped`,
  /// `invalid_argument` (no port or no file is left).
  std::uint16_t tunnel_to(const network_address& to);
  /// Closes all. Waits for its thread, which may be looking up a name at most.
  void stop();

 private:
  struct implementation;

  std::mutex mutex_;
  network_address address_;
  std::unique_ptr<implementation> impl_;  ///< none once it is stopped
};

}  // namespace banyan::detail
