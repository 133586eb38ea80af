#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/scratch_directory.hpp"

namespace banyan::test {

/// Stands between a store and its server, on a unix socket of its own, and does to connections what networks do.
class cutting_proxy {
 public:
  enum class direction : std::uint8_t { to_server, to_client };

  cutting_proxy(std::string server_socket, std::uint64_t seed);
  ~cutting_proxy();
  cutting_proxy(const cutting_proxy&) = delete;
  cutting_proxy& operator=(const cutting_proxy&) = delete;

  std::string url() const { return "redis+unix://" + socket(); }

  /// From now on each connection, also one that is there, ends after up to `most` more bytes in this direction; the
  /// number is drawn for each. What goes the other way arrives. Until `times` of them have ended so.
  void cut(direction d, std::uint64_t most, int times);
  /// How many are still to be cut.
  int cuts_left() const { return cuts_left_; }
  /// From now on whatever passes, in either direction, is held up for so long.
  void delay(std::chrono::milliseconds d) { delay_ = d.count(); }

 private:
  struct connection {
    int client = -1;
    int server = -1;
    std::uint64_t round = 0;  ///< of `cut` that `left` was drawn in
    std::uint64_t left = 0;   ///< bytes until it is cut
    std::thread thread;
  };

  std::string socket() const { return (directory_.path() / "proxy.sock").string(); }
  void accept_all();
  void serve(connection& c);
  /// False when the connection is over.
  bool pass(connection& c, direction d);
  /// How many of `size` bytes still pass.
  std::uint64_t allowed(connection& c, direction d, std::uint64_t size);

  scratch_directory directory_;
  const std::string server_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};  ///< a pipe whose end all threads watch
  std::atomic<std::int64_t> delay_{0};
  std::atomic<int> cuts_left_{0};

  std::mutex mutex_;
  std::mt19937_64 random_;
  direction direction_ = direction::to_server;
  std::uint64_t round_ = 0;
  std::uint64_t most_ = 0;
  std::vector<std::unique_ptr<connection>> connections_;
  std::thread acceptor_;
};

}  // namespace banyan::test
