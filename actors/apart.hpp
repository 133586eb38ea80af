#pragma once

#include <future>
#include <utility>

namespace banyan::detail {

/// Calls `f` on a thread of its own. CAF keeps for each thread the system that it worked for last, and no system ends
/// as long as a thread lives that it is kept for.
template <class F>
auto apart(F f) {
  return std::async(std::launch::async, std::move(f)).get();
}

}  // namespace banyan::detail
