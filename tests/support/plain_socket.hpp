#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/gate.hpp"

namespace banyan::test {

/// A TCP connection to a port of this machine.
class plain_socket {
 public:
  /// Throws `std::runtime_error` where nobody listens.
  explicit plain_socket(std::uint16_t port);
  /// Takes a socket that is connected.
  static plain_socket of(int file) { return plain_socket(file, 0); }
  ~plain_socket() { close(); }
  plain_socket(plain_socket&& other) noexcept;
  plain_socket& operator=(plain_socket&& other) noexcept;

  int file() const { return file_; }
  /// False when the other side took less than all.
  bool send(std::string_view data) const;
  /// Up to `size` bytes; less at an end, or when they do not come in good time.
  std::string receive(std::size_t size) const;
  /// Reads until the other side ends the connection. False when it does not within `limit`.
  bool ends(std::chrono::milliseconds limit = patience) const;
  /// True once the other side ended it. Reads what there is, and does not wait.
  bool has_ended() const { return ends(std::chrono::milliseconds(0)); }
  void close();

 private:
  plain_socket(int file, int) : file_(file) {}
  int file_ = -1;
};

/// Listens on a port of this machine that is free.
class plain_listener {
 public:
  plain_listener();
  ~plain_listener();
  plain_listener(const plain_listener&) = delete;
  plain_listener& operator=(const plain_listener&) = delete;

  std::uint16_t port() const { return port_; }
  /// Who has connected, or will in good time; throws `std::runtime_error` if nobody does.
  plain_socket accept() const;
  /// True if somebody has connected.
  bool has_visitor() const;
  /// Ends what waits in `accept`.
  void stop();

 private:
  int file_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace banyan::test
