#pragma once

#include <algorithm>
#include <chrono>

#include "messages/record.hpp"

namespace banyan::detail {

constexpr millis to_millis(std::chrono::system_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

/// The first and the last time that the system's clock can tell, as it counts nanoseconds: 292 years around 1970.
constexpr millis first_time = to_millis(std::chrono::system_clock::time_point::min());
constexpr millis last_time = to_millis(std::chrono::system_clock::time_point::max());

/// What is beyond is the nearest time that there is.
constexpr std::chrono::system_clock::time_point from_millis(millis ms) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(std::clamp(ms, first_time, last_time)));
}

/// So long after `t`, or before it; what is beyond is the nearest time that there is. Precondition: there is `t`.
constexpr millis later(millis t, std::chrono::milliseconds d) {
  if (d.count() >= last_time - t) return last_time;
  return d.count() <= first_time - t ? first_time : t + d.count();
}

constexpr std::chrono::system_clock::time_point later(std::chrono::system_clock::time_point t,
                                                      std::chrono::milliseconds d) {
  const millis whole = to_millis(t);
  if (d.count() >= last_time - whole) return std::chrono::system_clock::time_point::max();
  return d.count() <= first_time - whole ? std::chrono::system_clock::time_point::min() : t + d;
}

inline millis now_ms() { return to_millis(std::chrono::system_clock::now()); }

}  // namespace banyan::detail
