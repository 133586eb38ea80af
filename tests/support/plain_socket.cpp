#include "tests/support/plain_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace banyan::test {
namespace {

using clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) { throw std::runtime_error(std::string(what) + ": " + std::strerror(errno)); }

sockaddr_in address_of(std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return a;
}

int make_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  return fd;
}

/// False when there is nothing to read, nor an end, before `deadline`.
bool await_bytes(int fd, clock::time_point deadline) {
  pollfd p{fd, POLLIN, 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
  return ::poll(&p, 1, left > 0 ? static_cast<int>(left) : 0) > 0;
}

}  // namespace

plain_socket::plain_socket(std::uint16_t port) : file_(make_socket()) {
  const sockaddr_in a = address_of(port);
  if (::connect(file_, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) return;
  const int why = errno;
  close();
  errno = why;
  fail("connect");
}

plain_socket::plain_socket(plain_socket&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

plain_socket& plain_socket::operator=(plain_socket&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

bool plain_socket::send(std::string_view data) const {
  while (!data.empty()) {
    const ssize_t n = ::send(file_, data.data(), data.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string plain_socket::receive(std::size_t size) const {
  const auto deadline = clock::now() + patience;
  std::string all;
  std::array<char, 65536> part;
  while (all.size() < size && await_bytes(file_, deadline)) {
    const ssize_t n = ::recv(file_, part.data(), std::min(part.size(), size - all.size()), 0);
    if (n <= 0) break;
    all.append(part.data(), static_cast<std::size_t>(n));
  }
  return all;
}

bool plain_socket::ends(std::chrono::milliseconds limit) const {
  const auto deadline = clock::now() + limit;
  std::array<char, 65536> part;
  while (await_bytes(file_, deadline)) {
    if (::recv(file_, part.data(), part.size(), 0) <= 0) return true;
  }
  return false;
}

void plain_socket::close() {
  if (file_ >= 0) ::close(std::exchange(file_, -1));
}

plain_listener::plain_listener() : file_(make_socket()) {
  sockaddr_in a = address_of(0);
  socklen_t size = sizeof a;
  const bool listens = ::bind(file_, reinterpret_cast<const sockaddr*>(&a), size) == 0 && ::listen(file_, 1024) == 0 &&
                       ::getsockname(file_, reinterpret_cast<sockaddr*>(&a), &size) == 0;
  if (!listens) fail("listen");
  port_ = ntohs(a.sin_port);
}

plain_listener::~plain_listener() { ::close(file_); }

plain_socket plain_listener::accept() const {
  if (!await_bytes(file_, clock::now() + patience)) throw std::runtime_error("nobody has connected");
  const int fd = ::accept4(file_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) fail("accept");
  return plain_socket::of(fd);
}

bool plain_listener::has_visitor() const { return await_bytes(file_, clock::now()); }

void plain_listener::stop() { ::shutdown(file_, SHUT_RDWR); }

}  // namespace banyan::test
