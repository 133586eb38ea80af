#pragma once

#include <cstdint>

#include "messages/record.hpp"

namespace banyan::detail {

/// What the `state` register of a future holds: the value that `checkpoint` was given, and how far the function had
/// come with its signals.
struct checkpoint_record {
  std::uint64_t part = 0;  ///< of the function: so many checkpoints had a sending since the one before
  bytes state;             ///< empty: there is none

  bool operator==(const checkpoint_record&) const = default;
};

/// Of a function that has sent nothing this is its state as it is.
bytes encode_checkpoint(std::uint64_t part, const bytes& state);
/// Throws `error` (`corrupt_record`).
checkpoint_record decode_checkpoint(const bytes& data);

}  // namespace banyan::detail
