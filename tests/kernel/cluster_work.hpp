#pragma once

#include <atomic>

#include <banyan/detail/activation.hpp>

#include "actors/engine.hpp"
#include "tests/kernel/cluster_fixture.hpp"

namespace banyan::test {

inline std::uint32_t runs_on() { return detail::current_activation()->runtime_id(); }

/// Where work is spawned that others are to take, and how much of it they have begun.
inline std::atomic<std::uint32_t> loaded{0};
inline std::atomic<int> taken{0};
inline std::atomic<int> to_be_taken{0};

inline void load(runtime& rt, int others_take) {
  loaded = rt.engine()->id();
  taken = 0;
  to_be_taken = others_take;
}

/// Ends on the node that has much to do once others have begun enough of it.
inline int works_somewhere() {
  if (runs_on() != loaded) {
    ++taken;
  } else {
    EXPECT_TRUE(wait_until([] { return taken >= to_be_taken; })) << "nobody takes what waits";
  }
  return static_cast<int>(runs_on());
}
BANYAN_FUNCTION(works_somewhere)

}  // namespace banyan::test
