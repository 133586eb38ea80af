#pragma once

#include <cstddef>
#include <cstdint>

#include "messages/frames.hpp"

namespace banyan::detail {

/// What waits to be sent to one node. So much may be on its way that was not acknowledged; the rest stays here, and
/// what is large is left to the record then: a node that is stopped makes no other node's memory grow without bound.
/// Not thread-safe.
class outbox {
 public:
  static constexpr std::size_t window = 4u << 20;        ///< bytes on their way
  static constexpr std::size_t most_waiting = 1u << 20;  ///< bytes; beyond, no values and no progress
  static constexpr std::size_t ack_after = 256u << 10;   ///< bytes received, at the latest

  /// True if there was nothing to send before.
  bool add(const frame& f);
  /// The next batch; empty: there is none, or the window is closed.
  bytes take();
  /// So many bytes of what was sent have arrived.
  void acknowledged(std::uint64_t size);
  /// Children had better go elsewhere.
  bool is_full() const { return waiting_.size() > most_waiting; }
  bool is_empty() const { return waiting_.empty(); }

 private:
  bytes waiting_;
  std::uint64_t on_the_way_ = 0;
};

}  // namespace banyan::detail
