#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <vector>

namespace banyan::test {

/// Ports of this machine that nobody listens on, as far as one can know, and low enough for a Redis Cluster, which
/// takes the one 10,000 higher as well.
inline std::vector<int> free_ports(std::size_t count) {
  constexpr int highest = 55'000;
  std::vector<int> ports;
  std::vector<int> held;
  for (int tries = 0; ports.size() < count && tries < 10'000; ++tries) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot find a free port");
    }
    held.push_back(fd);
    if (ntohs(address.sin_port) <= highest) ports.push_back(ntohs(address.sin_port));
  }
  for (const int fd : held) ::close(fd);
  if (ports.size() < count) throw std::runtime_error("cannot find free ports");
  return ports;
}

}  // namespace banyan::test
