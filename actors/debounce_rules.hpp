#pragma once

#include <algorithm>

#include "messages/record.hpp"

namespace banyan::detail {

/// When the run starts in which a call at `now` has a part. `last`: when the newest run starts or did; 0: there was
/// none of late.
inline millis run_after(millis last, millis now, millis first, millis repeat) {
  if (now < last) return last;
  return last == 0 ? now + first : std::max(now + first, last + repeat);
}

}  // namespace banyan::detail
