#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <vector>

namespace banyan::test {

/// True if nobody listens on a port of this machine.
inline bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = fd >= 0 && ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) ::close(fd);
  return bound;
}

/// Ports that nobody listens on, nor on those 10,000 higher, which a Redis Cluster takes as well. They are lower than
/// those that the system gives to connections, so that nobody is likely to take one meanwhile.
inline std::vector<int> free_ports(std::size_t count) {
  constexpr int bus = 10'000;
  std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> any(11'000, 21'000);
  std::vector<int> ports;
  for (int tries = 0; ports.size() < count; ++tries) {
    if (tries == 10'000) throw std::runtime_error("cannot find free ports");
    const int port = any(random);
    if (std::ranges::find(ports, port) == ports.end() && is_free(port) && is_free(port + bus)) ports.push_back(port);
  }
  return ports;
}

}  // namespace banyan::test
