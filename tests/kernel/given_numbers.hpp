#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include <banyan/banyan.hpp>

namespace banyan::test {

/// Gives a number at once; fails for one below zero.
inline int give(int n) {
  if (n < 0) throw std::runtime_error("below zero: " + std::to_string(n));
  return n;
}
BANYAN_FUNCTION(give)

inline task<int> give_later(context& ctx, int n, int ms) {
  co_await ctx.sleep(std::chrono::milliseconds(ms));
  co_return give(n);
}
BANYAN_FUNCTION(give_later)

}  // namespace banyan::test
