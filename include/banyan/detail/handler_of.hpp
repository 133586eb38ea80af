#pragma once

#include <type_traits>
#include <typeinfo>

#include <banyan/fn.hpp>
#include <banyan/future.hpp>
#include <banyan/handler.hpp>

namespace banyan {
namespace detail {

/// What a call that is given one future takes.
template <class Signature>
struct handled {
  static constexpr bool one_future = false;
};
template <class R, class T>
struct handled<R(future<T>)> {
  static constexpr bool one_future = true;
  static const std::type_info* result() { return &typeid(T); }
};
template <class R>
struct handled<R(future_handle)> {
  static constexpr bool one_future = true;
  static const std::type_info* result() { return nullptr; }
};

template <class F>
handler_call make_handler(const F& f, const retry_policy& retry) {
  const banyan::fn call(f);
  using takes = handled<typename decltype(call)::signature>;
  static_assert(takes::one_future, "a handler takes a future<R> or a future_handle, and all before that is bound");
  call.call().entry();
  return {call.call(), takes::result(), retry};
}

/// The handlers of a future that results in R have to fit it. Throws `error` (`invalid_argument`).
void check_handlers(const options& opts, const std::type_info& result);

/// What `combine` folds with: R(R, T).
template <class Signature>
struct folded;
template <class R, class T>
struct folded<R(R, T)> {
  using result = R;
};

}  // namespace detail

/// A handler for `on_all_children_success` of a function that leaves its result `pending`: the results of its children,
/// in the order in which they were spawned, are folded to its result, `f(f(f(initial, first), second), third)`. `f` is
/// a registered function, a fn or a closure of R and what the children result in. What it throws becomes the future's
/// failure. Without children the result is `initial`.
template <class R, class F>
handler combine(R&& initial, const F& f) {
  const banyan::fn call(f);
  using result = typename detail::folded<typename decltype(call)::signature>::result;
  const detail::bound_call fold{"banyan.combine", 2,
                                detail::encode_some<result>(std::forward<R>(initial)) + detail::encode(call)};
  return handler(detail::handler_call{fold, &typeid(result), until_success});
}

}  // namespace banyan
