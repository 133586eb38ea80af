#pragma once

#include <cstdint>
#include <string>

namespace banyan::test {

/// Files in PEM; empty: it shows no certificate.
struct tls_identity {
  std::string certificate{}, key{};
};

/// Connects to a port of this machine by TLS up to version `newest`, without a look at the certificate there, sends
/// `text` and returns what as many bytes of answer are; fewer when the other side ends the connection.
std::string ask_by_tls(std::uint16_t port, const std::string& text, const tls_identity& who, int newest = 0);

/// What a client of TLS sends first.
std::string client_hello();

}  // namespace banyan::test
