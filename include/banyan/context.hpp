#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <banyan/detail/activation.hpp>
#include <banyan/detail/handler_of.hpp>
#include <banyan/detail/receive.hpp>
#include <banyan/detail/recorded_run.hpp>
#include <banyan/fn.hpp>
#include <banyan/function.hpp>
#include <banyan/future.hpp>
#include <banyan/options.hpp>
#include <banyan/task.hpp>

namespace banyan {

/// What a future function knows of its own future: its first parameter, by reference, where it wants one.
/// Belongs to one run of the function; use it only from the thread that runs the function, never keep it longer.
///
/// Calls that take a number (`spawn`, `run`, `sleep`, `now`, `random`, `uuid`, `promise`, and `all` and `any`) must be
/// made in the same order when the function is run again with the same recorded answers. If they are not, the future
/// stops with `nondeterminism` until the code is mended. They, and every `co_await`, throw `cancelled` once the future
/// is to stop because it, or one above it, was cancelled, failed or timed out. The other calls do not.
class context {
 public:
  explicit context(detail::activation& a) : activation_(a) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  /// Starts a child at once; never waits for it. The arguments are encoded here; nothing of them is kept. What the
  /// child is to do is durable soon, ahead of all that this function writes later. A re-run gets the same child. Throws
  /// `error`: `unknown_function`, `too_large`, `bad_payload`, `invalid_argument` for a bad option.
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(nullptr, detail::prepare(f, std::forward<A>(arguments)...));
  }
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(const options& opts, R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(&opts, detail::prepare(f, std::forward<A>(arguments)...));
  }

  /// The same with a fn or a closure.
  template <detail::fn_like F, class... A>
  auto spawn(const F& f, A&&... arguments) {
    const banyan::fn call(f);
    return start<typename decltype(call)::result_type>(nullptr, call.prepare(std::forward<A>(arguments)...));
  }
  template <detail::fn_like F, class... A>
  auto spawn(const options& opts, const F& f, A&&... arguments) {
    const banyan::fn call(f);
    return start<typename decltype(call)::result_type>(&opts, call.prepare(std::forward<A>(arguments)...));
  }

  /// Starts a child with each element of a range: of a registered function, a fn or a closure that takes one argument.
  template <class F, std::ranges::input_range Range>
  auto map(const F& f, Range&& arguments) {
    return map(options{}, f, std::forward<Range>(arguments));
  }
  template <class F, std::ranges::input_range Range>
  auto map(const options& opts, const F& f, Range&& arguments) {
    return detail::map_with(*this, opts, banyan::fn(f), std::forward<Range>(arguments));
  }

  /// `co_await ctx.run("name", f)` calls `f` here, on this thread, and records what it returns (or, after the last
  /// attempt of `retry`, what it threw), so that a re-run takes the answer from the record. `f` may capture anything
  /// and may return a task; it asks this context for nothing that takes a number. It runs at least once: at most one
  /// run's answer is recorded. All that was recorded before is durable ahead of the call, the answer when the await
  /// returns. Throws `failure` with what `f` threw or what is wrong with its value (`too_large`, `bad_payload`), and
  /// `error` (`invalid_argument`) for a bad policy. A step under which the runtime ends (`f` throws `stopped`) is not
  /// over: the function is left there, and `f` called again by the next one. What this returns is awaited at once and
  /// not kept.
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

  /// `co_await` these: durable timers. The end is recorded, and holds across restarts by the wall clock; one that has
  /// passed, or a negative `d`, takes no time.
  auto sleep(std::chrono::milliseconds d) { return detail::sleep_awaiter(activation_, d); }
  auto sleep_until(std::chrono::system_clock::time_point t) { return detail::sleep_awaiter(activation_, t); }

  /// Recorded: a re-run gets the same answers. In a coroutine the record is durable before any later `run`, child or
  /// result is; a plain function waits here until it is durable, and gets the store's error where that will not pass.
  std::chrono::system_clock::time_point now();  ///< to the millisecond
  std::uint64_t random();                       ///< 64 bits, for no secret
  std::string uuid();                           ///< version 4, in lower case

  /// A child without a function, whose result comes from outside: `find<T>(key).set_value(v)`, or `banyan set KEY
  /// JSON`. Durable as a spawned child is. Name and number identify it in a re-run.
  template <class T>
  future<T> promise(std::string_view name) {
    return future<T>(activation_.make_promise(name), activation_.runtime_id());
  }

  /// `co_await` this: takes the oldest signal `name` that was sent to this future (`future::send`) and not received
  /// yet, and waits for one where there is none. Signals of one name come in the order of their sending, each once,
  /// also over restarts and attempts; those that came before the function ran are there too. Recorded. Throws `error`
  /// (`bad_payload`) where it is no T, `invalid_argument` without a name, and as every `co_await` does.
  template <class T>
  task<T> receive(std::string name) {
    auto received = detail::receive(activation_, name, std::nullopt);
    const std::optional<bytes> value = co_await std::move(received);
    co_return detail::decode<T>(*value, "the signal " + name);
  }
  /// The same, but waits at most `d`, across restarts; nothing: none came. Both the end and what came are recorded.
  template <class T>
  task<std::optional<T>> receive_for(std::string name, std::chrono::milliseconds d) {
    auto received = detail::receive(activation_, name, d);
    const std::optional<bytes> value = co_await std::move(received);
    if (!value) co_return std::nullopt;
    co_return detail::decode<T>(*value, "the signal " + name);
  }

  /// What others see by `future::published`, until the next call overwrites it. Durable soon after, in order with all
  /// else that this future writes. A re-run publishes nothing before it has taken all that is recorded; another attempt
  /// begins anew. Throws `error`: `too_large`, `bad_payload` (nests too deep).
  template <class S>
  void publish(const S& state) {
    activation_.publish(detail::encode(state));
  }

  /// A handle to any future by its key, to be awaited like a child; nothing is started, and nothing is checked here:
  /// what waits for one that is not there gets an `error` (`not_found`). That future is nobody's child by this: it goes
  /// on when this one is cancelled. To wait for one that is above this one is to wait for ever.
  template <class T>
  future<T> attach(const banyan::key& k) const {
    return future<T>(k, activation_.runtime_id());
  }

  /// The gauge: how much of its weight the future has done by itself, in a unit of your own; less than before has no
  /// effect. Takes no I/O; stored within some seconds, or never. What is negative or no number, and endless progress,
  /// throws `error` (`invalid_argument`). The weight may be `unknown_weight`; a success then has done all there was.
  void set_progress(double local) { activation_.set_progress(local); }
  void set_weight(double weight) { activation_.set_weight(weight); }

  /// True once the future is to stop (see above), or the runtime is being shut down. Cheap. To leave then, throw: what
  /// is returned counts as the result.
  bool cancelled() const { return activation_.is_cancelled(); }
  void check_cancelled() const {  ///< throws `cancelled` if so
    if (cancelled()) throw banyan::cancelled();
  }

  /// Keeps `state` for the next run or attempt of this future; overwrites what was kept before. Durable soon after, in
  /// order with all else that this future writes. Throws `error`: `too_large`, `bad_payload` (nests too deep).
  template <class S>
  void checkpoint(const S& state) {
    activation_.save_state(detail::encode(state));
  }
  /// What the last checkpoint kept; nothing if there was none. Throws `error` (`bad_payload`) where it is no S.
  template <class S>
  std::optional<S> restore() {
    const bytes& state = activation_.saved_state();
    if (state.empty()) return std::nullopt;
    return detail::decode<S>(state, "the checkpoint");
  }

  const banyan::key& key() const { return activation_.own_key(); }  ///< the same in all runs and attempts
  std::uint32_t attempt() const { return activation_.attempt(); }   ///< counted from 1
  /// Of the place in a queue that this future has now, as in a critical section: larger than that of any place in the
  /// same queue that was given before, on every machine. What is guarded from outside refuses smaller ones than it has
  /// seen. Not recorded: another run has another one. Throws `error` (`invalid_argument`) where it has no place.
  std::uint64_t fencing_number() const;
  /// Of the function, with which this future began; see BANYAN_FUNCTION_VERSION.
  std::uint32_t version() const { return activation_.version(); }
  std::optional<banyan::key> parent() const { return activation_.parent_key(); }  ///< nothing for a root
  /// When it was to start: of a run of `runtime::every` its time in the schedule, else the time of `start_at` or
  /// `start_after`, else that of `spawn`. The same in all runs and attempts.
  std::chrono::system_clock::time_point scheduled_at() const { return activation_.scheduled_at(); }

  /// Writes a line to the runtime's log at level `info`, with the future's function and key. Not recorded: a re-run
  /// writes it again.
  void log(std::string_view message) { activation_.log(message); }

 private:
  template <class T>
  future<T> start(const options* opts, detail::prepared_call call) {
    if (opts) detail::check_handlers(*opts, typeid(T));
    return future<T>(activation_.spawn(*call.function, std::move(call.arguments), opts), activation_.runtime_id());
  }

  detail::activation& activation_;
};

}  // namespace banyan
