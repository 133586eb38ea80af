#pragma once

#include <algorithm>
#include <chrono>

#include "messages/clock.hpp"

namespace banyan::detail {

/// When the run starts in which a call at `now` has a part. `last`: when the newest run starts or did; 0: there was
/// none of late.
inline millis run_after(millis last, millis now, millis first, millis repeat) {
  if (now < last) return last;
  const millis earliest = later(now, std::chrono::milliseconds(first));
  return last == 0 ? earliest : std::max(earliest, later(last, std::chrono::milliseconds(repeat)));
}

/// How long it has to be known that the newest run starts then: nobody's run comes too early without.
inline std::chrono::milliseconds remembered_for(millis starts, millis now, millis first, millis repeat) {
  const std::chrono::milliseconds apart(later(first, std::chrono::milliseconds(repeat)));
  return std::chrono::milliseconds(later(later(starts, apart), std::chrono::seconds(1)) - now);
}

}  // namespace banyan::detail
