#pragma once

#include <chrono>
#include <optional>

#include <banyan/detail/label.hpp>

namespace banyan {

/// What happens after a failed attempt. The default is one attempt and no retry.
/// Attempt n + 1 starts `first_delay * factor^(n - 1)` after attempt n failed, at most `max_delay`, each
/// delay stretched or shrunk by a random share of up to `jitter`.
struct retry_policy {
  unsigned max_attempts = 1;  ///< at least 1
  std::chrono::milliseconds first_delay{1000};
  double factor = 2.0;  ///< at least 1
  std::chrono::milliseconds max_delay{60000};
  double jitter = 0.1;          ///< from 0 to 1
  bool child_failures = false;  ///< also retry when the failure came up from a child
};

/// What a child does when its parent is done.
enum class on_parent_done : unsigned char {
  follow = 0,  ///< goes on when the parent succeeded; is cancelled when the parent failed or was cancelled
  cancel = 1,  ///< is cancelled as soon as the parent has a result
  detach = 2,  ///< goes on whatever happens
};

/// Which records of a finished future's children stay in the store. Children take their parent's choice
/// unless they are given one.
enum class keep : unsigned char {
  all = 0,
  failed = 1,  ///< only below futures that did not succeed
  none = 2,
};

/// How one future is to be run. All are optional; use designated initialisers.
struct options {
  detail::label name{};  ///< a string: a label for people; the function's name where empty
  detail::label id{};    ///< a string, for roots only: an idempotency name; the same id is the same future

  std::optional<double> weight{};  ///< the share of the parent's progress; at least 0
  retry_policy retry{};
  std::optional<std::chrono::milliseconds> timeout{};  ///< from the start time to the result, all attempts together
  std::optional<std::chrono::milliseconds> start_after{};
  std::optional<std::chrono::system_clock::time_point> start_at{};
  banyan::on_parent_done on_parent_done = banyan::on_parent_done::follow;
  std::optional<banyan::keep> keep{};
  bool durable = true;    ///< false: kept in this process's memory only; run again instead of recovered
  bool blocking = false;  ///< runs on a thread of its own and may block
};

}  // namespace banyan
