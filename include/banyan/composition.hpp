#pragma once

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

/// One call that makes these calls at the same time, each a child, and results in all their results, in the order of
/// the calls. As soon as one fails it fails, and cancels the others.
template <class R>
fn<std::vector<R>()> parallel(const std::vector<fn<R()>>& calls) {
  return fn<std::vector<R>()>(detail::bound_call{"banyan.parallel", 1, detail::encode(calls)});
}

/// One call that waits for `f` and then calls `next` with its result, as a part of itself. It fails as `f` does.
template <class S, class R>
fn<S()> then(const future<R>& f, const fn<S(R)>& next) {
  return fn<S()>(detail::bound_call{"banyan.then", 2, detail::encode(f) + detail::encode(next)});
}

}  // namespace banyan
