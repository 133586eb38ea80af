#pragma once

#include <memory>

#include <banyan/codec.hpp>
#include <banyan/error.hpp>
#include <banyan/status.hpp>

namespace banyan::detail {

/// What a future came to, in memory. Immutable once shared.
struct outcome {
  banyan::status status = banyan::status::success;
  bytes value;                                ///< of a success
  std::unique_ptr<const error_info> failure;  ///< of a failure or a cancellation
  bool missing = false;                       ///< it is none: there is no such future

  bool ok() const { return status == banyan::status::success; }
};

using outcome_ptr = std::shared_ptr<const outcome>;

outcome_ptr make_success(bytes value);
outcome_ptr make_failure(error_info info);
outcome_ptr make_cancelled(error_info info);
/// For who waits for a key that no future has.
outcome_ptr make_missing(const key& k);

/// The value of a success; throws what a reader of any other outcome is to see.
const bytes& value_or_throw(const outcome& o);

}  // namespace banyan::detail
