#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/execution_unit.hpp>

#include "actors/mailbox.hpp"

// It is sent within a process only.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::detail::envelope)

namespace banyan::detail {

/// The worker that runs an actor on this thread, so that what it sends goes to the queue at hand. Null elsewhere.
extern thread_local ::caf::execution_unit* current_unit;

class unit_scope {
 public:
  explicit unit_scope(::caf::execution_unit* u) : previous_(current_unit) { current_unit = u; }
  ~unit_scope() { current_unit = previous_; }
  unit_scope(const unit_scope&) = delete;
  unit_scope& operator=(const unit_scope&) = delete;

 private:
  ::caf::execution_unit* previous_;
};

}  // namespace banyan::detail
