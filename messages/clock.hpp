#pragma once

#include <chrono>

#include "messages/record.hpp"

namespace banyan::detail {

constexpr millis to_millis(std::chrono::system_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch()).count();
}

constexpr std::chrono::system_clock::time_point from_millis(millis ms) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(ms));
}

inline millis now_ms() { return to_millis(std::chrono::system_clock::now()); }

}  // namespace banyan::detail
