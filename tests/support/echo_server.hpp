#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <thread>

#include "tests/support/plain_socket.hpp"

namespace banyan::test {

/// Sends back what it gets, by a thread for each connection.
class echo_server {
 public:
  echo_server() : acceptor_([this] { accept_all(); }) {}
  ~echo_server();
  echo_server(const echo_server&) = delete;
  echo_server& operator=(const echo_server&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  /// Connections that there were, and those that there are.
  int visits() const { return visits_; }
  int visitors() const { return visitors_; }
  /// Ends all connections.
  void hang_up();

 private:
  struct visit {
    explicit visit(plain_socket s) : socket(std::move(s)) {}
    plain_socket socket;
    std::thread thread;
  };
  void accept_all();
  void serve(const plain_socket& s);

  plain_listener listener_;
  std::atomic<int> visits_{0}, visitors_{0};
  std::atomic<bool> over_{false};
  std::mutex mutex_;
  std::list<visit> all_;
  std::thread acceptor_;
};

}  // namespace banyan::test
