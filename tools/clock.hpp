#pragma once

#include <chrono>

#include "messages/record.hpp"

namespace banyan::tools {

/// The time as records hold it.
inline detail::millis now_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace banyan::tools
