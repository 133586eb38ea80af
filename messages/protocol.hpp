#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include <banyan/detail/outcome.hpp>
#include <banyan/key.hpp>

/// What is said to the actor of a future. Every message may come late, twice, or not at all: the
/// record is the truth, a message only says that it changed.
namespace banyan::detail {

/// A child has a durable result.
struct child_done {
  std::uint64_t index = 0;
  std::uint32_t attempt = 1;  ///< of the parent, which the child belongs to
  outcome_ptr result;
  bool settled = false;  ///< nothing below the child is open
  double calculated = 0;
  double weight = 0;
};

/// A child that had a result has nothing open below it any more.
struct child_settled {
  std::uint64_t index = 0;
  std::uint32_t attempt = 1;
};

struct child_progress {
  std::uint64_t index = 0;
  std::uint32_t attempt = 1;
  double calculated = 0;
  double weight = 0;
};

/// A future of another family that was waited for has a result.
struct foreign_done {
  key future;
  outcome_ptr result;
};

/// The future's own result is durable: this is what the record holds, whoever wrote it.
struct result_recorded {
  outcome_ptr result;
};

/// A failed attempt is durable.
struct attempt_recorded {};

/// The steps so far are durable.
struct steps_recorded {};

/// Another run of this future, on a node that was thought to be gone, has recorded another answer at one of its
/// numbers.
struct rewritten {};

/// Something was sent to it.
struct signalled {};

/// It was asked to adopt a child: the answer is durable, and its `life` knows it.
struct adoption_decided {};

/// The future, or one above it, is to stop: its `life` says why.
struct stop_requested {};

/// The runtime is being shut down: leave without a result.
struct leave {};

/// A timer that the actor set.
struct timer_fired {
  enum class what : std::uint8_t { wait, back_off, deadline };
  what kind = what::wait;
  std::uint64_t token = 0;
};

/// What a parked future lacked may be there now.
struct try_again {};

class queue_place;

/// It has a place in its queue, which it waited for.
struct placed {
  std::shared_ptr<queue_place> place;
};

using mail = std::variant<child_done, child_settled, child_progress, foreign_done, result_recorded, attempt_recorded,
                          steps_recorded, rewritten, signalled, adoption_decided, stop_requested, leave, timer_fired,
                          try_again, placed>;

}  // namespace banyan::detail
