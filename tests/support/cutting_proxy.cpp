#include "tests/support/cutting_proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace banyan::test {
namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  if (path.size() >= sizeof a.sun_path) throw std::length_error("the path of a socket is too long: " + path);
  std::memcpy(a.sun_path, path.c_str(), path.size());
  return a;
}

int open_socket() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) throw std::runtime_error("cannot make a socket");
  return fd;
}

/// -1 where nobody listens.
int connect_to(const std::string& path) {
  const int fd = open_socket();
  const sockaddr_un a = address_of(path);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0) return fd;
  ::close(fd);
  return -1;
}

bool send_all(int to, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::send(to, data, size, MSG_NOSIGNAL);
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

cutting_proxy::cutting_proxy(std::string server_socket, std::uint64_t seed)
    : server_(std::move(server_socket)), listener_(open_socket()), random_(seed) {
  const sockaddr_un a = address_of(socket());
  const bool listens =
      ::bind(listener_, reinterpret_cast<const sockaddr*>(&a), sizeof a) == 0 && ::listen(listener_, 64) == 0;
  if (!listens || ::pipe(stop_) != 0) throw std::runtime_error("cannot listen on " + socket());
  acceptor_ = std::thread([this] { accept_all(); });
}

cutting_proxy::~cutting_proxy() {
  ::close(stop_[1]);
  acceptor_.join();
  for (const auto& c : connections_) c->thread.join();
  ::close(listener_);
  ::close(stop_[0]);
}

void cutting_proxy::cut(direction d, std::uint64_t most, int times) {
  const std::lock_guard lock(mutex_);
  direction_ = d;
  most_ = most;
  ++round_;
  cuts_left_ = times;
}

void cutting_proxy::accept_all() {
  std::array<pollfd, 2> watched{{{stop_[0], POLLIN, 0}, {listener_, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) >= 0 && watched[0].revents == 0) {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    const int server = connect_to(server_);
    if (server < 0) {
      ::close(client);
      continue;
    }
    connection& c = *connections_.emplace_back(std::make_unique<connection>());
    c.client = client;
    c.server = server;
    c.thread = std::thread([this, &c] { serve(c); });
  }
}

void cutting_proxy::serve(connection& c) {
  std::array<pollfd, 3> watched{{{stop_[0], POLLIN, 0}, {c.client, POLLIN, 0}, {c.server, POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) >= 0 && watched[0].revents == 0) {
    if (watched[1].revents != 0 && !pass(c, direction::to_server)) break;
    if (watched[2].revents != 0 && !pass(c, direction::to_client)) break;
  }
  ::close(c.client);
  ::close(c.server);
}

bool cutting_proxy::pass(connection& c, direction d) {
  std::array<char, 16384> part;
  const bool up = d == direction::to_server;
  const ssize_t n = ::recv(up ? c.client : c.server, part.data(), part.size(), 0);
  if (n <= 0) return false;
  pollfd stopped{stop_[0], POLLIN, 0};
  if (const auto held_up = delay_.load(); held_up > 0 && ::poll(&stopped, 1, held_up) != 0) return false;
  const auto size = static_cast<std::uint64_t>(n);
  const std::uint64_t passes = allowed(c, d, size);
  return send_all(up ? c.server : c.client, part.data(), passes) && passes == size;
}

std::uint64_t cutting_proxy::allowed(connection& c, direction d, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  if (cuts_left_ == 0 || d != direction_) return size;
  if (c.round != round_) {
    c.round = round_;
    c.left = std::uniform_int_distribution<std::uint64_t>(0, most_)(random_);
  }
  if (size <= c.left) {
    c.left -= size;
    return size;
  }
  --cuts_left_;
  return c.left;
}

}  // namespace banyan::test
