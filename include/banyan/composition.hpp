#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include <banyan/fn.hpp>
#include <banyan/future.hpp>

namespace banyan {

/// One call that makes these calls one after the other, each a child that is given the results so far, and results in
/// all their results. It is a value like any fn: `co_await ctx.spawn(sequence(steps))`, `rt.spawn(sequence(steps))`, or
/// itself a part of another. As soon as one fails it fails, and the rest is not called.
template <class R>
fn<std::vector<R>()> sequence(const std::vector<fn<R(std::vector<R>)>>& calls) {
  return fn<std::vector<R>()>(detail::bound_call{"banyan.sequence", 1, detail::encode(calls)});
}

/// The same of calls without results: there is nothing that they could be given.
inline fn<void()> sequence(const std::vector<fn<void()>>& calls) {
  return fn<void()>(detail::bound_call{"banyan.sequence_of_void", 1, detail::encode(calls)});
}

/// One call that makes these calls at the same time, each a child, and results in all their results, in the order of
/// the calls. As soon as one fails it fails, and cancels the others.
template <class R>
requires(!std::is_void_v<R>) auto parallel(const std::vector<fn<R()>>& calls) {
  return fn<std::vector<R>()>(detail::bound_call{"banyan.parallel", 1, detail::encode(calls)});
}
inline fn<void()> parallel(const std::vector<fn<void()>>& calls) {
  return fn<void()>(detail::bound_call{"banyan.parallel_of_void", 1, detail::encode(calls)});
}

namespace detail {

/// Whether a call takes what a future results in: nothing, of a void one.
template <class R, class Signature>
struct follows {
  static constexpr bool fits = false;
  using result = void;
};
template <class R, class S>
struct follows<R, S(R)> {
  static constexpr bool fits = true;
  using result = S;
};
template <class S>
struct follows<void, S()> {
  static constexpr bool fits = true;
  using result = S;
};

}  // namespace detail

/// One call that waits for `f` and then calls `next` with its result, as a part of itself; with nothing after a void
/// future. It fails as `f` does. `next` is a registered function, a fn or a closure. Throws `error`
/// (`unknown_function`).
template <class R, class F>
auto then(const future<R>& f, const F& next) {
  const banyan::fn call(next);
  using fit = detail::follows<R, typename decltype(call)::signature>;
  static_assert(fit::fits,
                "what comes then takes the result of the future, exactly, and nothing else; nothing at all "
                "after a void one");
  return fn<typename fit::result()>(detail::bound_call{std::is_void_v<R> ? "banyan.then_of_void" : "banyan.then", 2,
                                                       detail::encode(f) + detail::encode(call)});
}

}  // namespace banyan
