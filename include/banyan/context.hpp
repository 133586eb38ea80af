#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <banyan/detail/activation.hpp>
#include <banyan/detail/recorded_run.hpp>
#include <banyan/function.hpp>
#include <banyan/future.hpp>
#include <banyan/options.hpp>
#include <banyan/task.hpp>

namespace banyan {

/// What a future function knows of its own future: its first parameter, by reference, where it wants one.
/// Belongs to one run of the function; use it only from the thread that runs the function, never keep it longer.
/// Everything but the gauge throws `cancelled` once the future is cancelled.
///
/// Calls that take a number (`spawn`, `run`, `sleep`, `now`, `random`, `uuid`, `promise`, and `all` and `any`) must be
/// made in the same order when the function is run again with the same recorded answers. If they are not, the future
/// stops with `nondeterminism` until the code is mended.
class context {
 public:
  explicit context(detail::activation& a) : activation_(a) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  /// Starts a child at once; never waits for it. Throws `error`: `unknown_function`, `too_large`, `bad_payload`,
  /// `invalid_argument` for a bad option.
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(nullptr, detail::prepare(f, std::forward<A>(arguments)...));
  }
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(const options& opts, R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(&opts, detail::prepare(f, std::forward<A>(arguments)...));
  }

  /// Runs `f` here and records what it returns (or, after the last attempt of `retry`, the failure), so that a re-run
  /// takes the answer from the record. `f` may capture anything and may return a task. It runs at least once: at
  /// most one run's answer is recorded. The answer is durable when the await returns.
  template <class F>
  auto run(const std::string& name, F&& f, const retry_policy& retry = {}) {
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 14
    static_assert(std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<std::remove_reference_t<F>>,
                  "this compiler destroys twice what a lambda inside a co_await expression captures by value: capture "
                  "by reference (run uses it only while it is awaited), or give the lambda a name first: "
                  "auto f = [...] {...}; co_await ctx.run(name, f)");
#endif
    return detail::recorded_run<std::decay_t<F>>(activation_, name, std::forward<F>(f), retry);
  }

  /// Durable timers: the end is recorded, and holds across restarts.
  auto sleep(std::chrono::milliseconds d) { return detail::sleep_awaiter(activation_, d); }
  auto sleep_until(std::chrono::system_clock::time_point t) { return detail::sleep_awaiter(activation_, t); }

  /// Recorded: a re-run gets the same answers. In a coroutine the record is durable before any later `run`, child or
  /// result is; in a plain function it is durable on return.
  std::chrono::system_clock::time_point now();
  std::uint64_t random();
  std::string uuid();  ///< version 4, in lower case

  /// A child whose result comes from outside: `find<T>(key).set_value(v)`, or `banyan set KEY JSON`.
  template <class T>
  future<T> promise(std::string_view name) {
    return future<T>(activation_.make_promise(name), activation_.runtime_id());
  }

  /// The gauge: how much of its weight the future has done by itself. Never blocks; negative and not-a-number throw
  /// `error` (`invalid_argument`).
  void set_progress(double local) { activation_.set_progress(local); }
  void set_weight(double weight) { activation_.set_weight(weight); }

  /// True once the future, or one above it, was cancelled, has timed out, or the runtime is being shut down.
  bool cancelled() const { return activation_.is_cancelled(); }
  void check_cancelled() const {
    if (cancelled()) throw banyan::cancelled();
  }

  /// Keeps `state` for the next run or attempt of this future; overwrites what was kept before. Durable soon after, in
  /// order with all else that this future writes.
  template <class S>
  void checkpoint(const S& state) {
    activation_.save_state(detail::encode(state));
  }
  /// What the last checkpoint kept; nothing if there was none.
  template <class S>
  std::optional<S> restore() {
    const bytes& state = activation_.saved_state();
    if (state.empty()) return std::nullopt;
    return detail::decode<S>(state, "the checkpoint");
  }

  const banyan::key& key() const { return activation_.own_key(); }
  std::uint32_t attempt() const { return activation_.attempt(); }  ///< counted from 1
  std::optional<banyan::key> parent() const { return activation_.parent_key(); }

  /// Writes a line to the runtime's log, with the future's function and key.
  void log(std::string_view message) { activation_.log(message); }

 private:
  template <class T>
  future<T> start(const options* opts, detail::prepared_call call) {
    return future<T>(activation_.spawn(*call.function, std::move(call.arguments), opts), activation_.runtime_id());
  }

  detail::activation& activation_;
};

}  // namespace banyan
