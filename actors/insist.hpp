#pragma once

#include <chrono>
#include <string>

#include <banyan/context.hpp>

#include "persistence/trouble.hpp"

namespace banyan::detail {

/// Of the store, which may pass; or this process does not know the queue of what is to be started.
inline bool is_trouble(errc code) {
  return may_be_mended(code) || code == errc::store_fenced || code == errc::unknown_queue;
}

inline wait_awaiter pause_after_trouble(const activation& a) {
  constexpr std::chrono::seconds length{1};
  return wait_awaiter({.kind = wait_request::what::until, .deadline = a.clock_now() + length});
}

/// Calls `f`, as a part of the future that runs here, and again after a pause for as long as it meets trouble. `f` is
/// awaited with it.
template <class F>
task<> insist(context& ctx, const F& f) {
  for (;;) {
    try {
      co_return f();
    } catch (const error& e) {
      if (!is_trouble(e.code())) throw;
      ctx.log("cannot go on yet: " + std::string(e.message()));
    }
    co_await pause_after_trouble(require_activation("insist"));
  }
}

}  // namespace banyan::detail
