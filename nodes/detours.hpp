#pragma once

#include <mutex>
#include <unordered_map>

#include "messages/frames.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// What is to go by the store to nodes that live, but are not connected to this one. Thread-safe.
class detours {
 public:
  /// As much as one node is sent at a time; what is beyond is lost, as with a connection.
  static constexpr std::size_t most_waiting = 1u << 20;

  /// Of a result the receiver is told that it is in the record. Left out is what must not come late: children, refusals
  /// of them that answer no question by a detour, progress and load.
  void add(incarnation_id to, const frame& f);
  /// All there is, a batch for each node.
  std::unordered_map<incarnation_id, bytes> take();

 private:
  std::mutex mutex_;
  std::unordered_map<incarnation_id, bytes> batches_;
};

}  // namespace banyan::detail
