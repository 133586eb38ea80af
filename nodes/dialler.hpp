#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "nodes/address.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// Tries whether something listens there. Blocks for as long as it takes to look a name up, and up to `limit`.
bool is_reachable(const network_address& where, std::chrono::milliseconds limit);

/// Tries out the addresses of nodes, one after the other on a thread of its own, and says which can be reached: CAF
/// waits for two minutes for one that cannot, and connects to no other meanwhile. Thread-safe.
class dialler {
 public:
  using call = std::function<void(incarnation_id, const network_address&)>;

  explicit dialler(call reached);
  ~dialler() { stop(); }
  dialler(const dialler&) = delete;
  dialler& operator=(const dialler&) = delete;

  /// Nothing if it is to be tried already, or after the end.
  void add(incarnation_id node, const network_address& where);
  /// Tries no more; waits for the attempt that is under way. Idempotent.
  void stop();

 private:
  void run();

  const call reached_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<incarnation_id, network_address>> waiting_;
  bool over_ = false;
  std::once_flag joined_;
  std::thread thread_;
};

}  // namespace banyan::detail
