#pragma once

#include <cstddef>

#include <banyan/detail/outcome.hpp>
#include <banyan/key.hpp>

#include "messages/record.hpp"
#include "persistence/store.hpp"

/// What a process that does not drive a store does to the futures in it. The change and the notice that tells the
/// driver of it are one commit; where nobody drives the store, the next driver finds it in the record. All throw
/// `error`: `not_found`, `invalid_argument` for a step's key, and what the store throws.
namespace banyan::detail {

struct outside_answer {
  bool won = false;      ///< it is its result now
  result_record result;  ///< that it has now, whoever wrote it
};

/// Gives a future its result. An error without origin gets the future's key and function.
outside_answer set_result_from_outside(store& s, const key& k, const outcome& o, millis now);

struct cancel_answer {
  bool won = false;       ///< it is cancelled by this call
  result_record result;   ///< that it has now
  std::size_t below = 0;  ///< futures below it that were cancelled by this call, because it had a result already
  key one_below;          ///< one of them
};

/// Cancels a future; the driver takes it from there to all that is below. Where it has a result already, what is open
/// below it is cancelled instead, but for detached futures.
cancel_answer cancel_from_outside(store& s, const key& k, millis now);

}  // namespace banyan::detail
