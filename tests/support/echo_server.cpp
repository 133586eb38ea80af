#include "tests/support/echo_server.hpp"

#include <sys/socket.h>

#include <array>
#include <stdexcept>

namespace banyan::test {

echo_server::~echo_server() {
  over_ = true;
  listener_.stop();
  acceptor_.join();
  hang_up();
  for (visit& v : all_) v.thread.join();
}

void echo_server::hang_up() {
  const std::lock_guard lock(mutex_);
  for (const visit& v : all_) ::shutdown(v.socket.file(), SHUT_RDWR);
}

void echo_server::accept_all() {
  while (!over_) {
    try {
      plain_socket s = listener_.accept();
      const std::lock_guard lock(mutex_);
      ++visits_;
      ++visitors_;
      visit& v = all_.emplace_back(std::move(s));
      v.thread = std::thread([this, &v] { serve(v.socket); });
    } catch (const std::runtime_error&) {
      // Nobody came for a while, or it is over.
    }
  }
}

void echo_server::serve(const plain_socket& s) {
  std::array<char, 65536> part;
  for (;;) {
    const ssize_t n = ::recv(s.file(), part.data(), part.size(), 0);
    if (n <= 0 || !s.send({part.data(), static_cast<std::size_t>(n)})) break;
  }
  ::shutdown(s.file(), SHUT_RDWR);
  --visitors_;
}

}  // namespace banyan::test
