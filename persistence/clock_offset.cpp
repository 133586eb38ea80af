#include "persistence/clock_offset.hpp"

namespace banyan::detail {

void clock_offset::measured(milliseconds asked, milliseconds server, milliseconds answered) {
  const bool stepped = answered < asked;
  if (stepped || answered - asked > tolerance) return;
  const milliseconds ahead = server - (asked + (answered - asked) / 2);
  if (std::chrono::abs(ahead - value()) <= tolerance) return;
  value_.store(std::chrono::abs(ahead) <= tolerance ? 0 : ahead.count(), std::memory_order_relaxed);
}

}  // namespace banyan::detail
