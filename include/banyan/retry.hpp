#pragma once

#include <chrono>

namespace banyan {

/// What happens after a failed attempt. The default is one attempt and no retry.
/// Attempt n + 1 starts `first_delay * factor^(n - 1)` after attempt n failed, at most `max_delay`, each
/// delay stretched or shrunk by a random share of up to `jitter`.
struct retry_policy {
  unsigned max_attempts = 1;  ///< in all; at least 1
  std::chrono::milliseconds first_delay{1000};
  double factor = 2.0;  ///< at least 1
  std::chrono::milliseconds max_delay{60000};
  double jitter = 0.1;          ///< from 0 to 1
  bool child_failures = false;  ///< also retry when the failure came up from a child, or another awaited future
};

}  // namespace banyan
