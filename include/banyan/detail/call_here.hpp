#pragma once

#include <coroutine>
#include <string>
#include <utility>

#include <banyan/function.hpp>
#include <banyan/task.hpp>

namespace banyan::detail {

/// Awaits a function that has been called and is a coroutine, as a part of the one that runs.
struct called_coroutine {
  coroutine_call& callee;
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> caller) const { return callee.start(caller); }
  void await_resume() const noexcept {}
};

/// Calls a function with encoded arguments inside the future that runs. `entry` lives as long as the process.
template <class R>
task<R> call_here(context& ctx, const function_entry& entry, bytes arguments) {
  invocation i = entry.invoke(entry, ctx, arguments);
  if (i.coroutine) {
    co_await called_coroutine{*i.coroutine};
    i.pending = i.coroutine->is_pending();
    if (!i.pending) i.value = i.coroutine->finish();
  }
  if (i.pending) {
    throw error(errc::invalid_argument,
                "the result of " + entry.name + " is pending: it cannot be called here; spawn it instead");
  }
  co_return decode<R>(i.value, "the result of " + entry.name);
}

}  // namespace banyan::detail
