#pragma once

#include <chrono>
#include <thread>

#include "tests/support/gate.hpp"

namespace banyan::test {

/// Looks again and again until `condition()` holds; false when it does not in good time.
template <class Condition>
[[nodiscard]] bool wait_until(Condition condition, std::chrono::milliseconds limit = patience) {
  const auto give_up = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace banyan::test
