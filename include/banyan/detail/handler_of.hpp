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
  template <class Result>
  static constexpr bool fits = true;  // what is wrong is something else
};
template <class R, class T>
struct handled<R(future<T>)> {
  static constexpr bool one_future = true;
  template <class Result>
  static constexpr bool fits = std::is_same_v<Result, T>;
  static const std::type_info* result() { return &typeid(T); }
};
template <class R>
struct handled<R(future_handle)> {
  static constexpr bool one_future = true;
  template <class Result>
  static constexpr bool fits = true;
  static const std::type_info* result() { return nullptr; }
};

template <class F>
handler_call make_handler(const F& f, const retry_policy& retry) {
  static_assert(std::is_class_v<F> || std::is_function_v<std::remove_pointer_t<F>>,
                "a handler is a registered function, a fn or a closure");
  const banyan::fn call(f);
  using takes = handled<typename decltype(call)::signature>;
  static_assert(takes::one_future, "a handler takes a future<R> or a future_handle, and all before that is bound");
  call.call().entry();
  return {call.call(), takes::result(), retry};
}

template <class R, class H>
handler handler_for(const H& h) {
  if constexpr (!std::is_same_v<H, handler>) {
    static_assert(handled<typename decltype(banyan::fn(h))::signature>::template fits<R>,
                  "the handler takes a future of another type than this one results in");
  }
  return handler(h);
}

/// The handlers of a future that results in R have to fit it. Throws `error` (`invalid_argument`).
void check_handlers(const options& opts, const std::type_info& result);

/// What `combine` folds with: R(R, T).
template <class Signature>
struct folded {
  static constexpr bool fits = false;
  using result = int;
};
template <class R, class T>
struct folded<R(R, T)> {
  static constexpr bool fits = true;
  using result = R;
};

}  // namespace detail

/// A handler for `on_all_children_success` of a function that leaves its result `pending`: the results of its children,
/// in the order in which they were spawned, are folded to its result, `f(f(f(initial, first), second), third)`. `f` is
/// a registered function, a fn or a closure of R and what the children result in. What it throws becomes the future's
/// failure. Without children the result is `initial`. As a handler for anything else it is `invalid_argument` where it
/// is given.
template <class R, class F>
handler combine(R&& initial, const F& f) {
  const banyan::fn call(f);
  using folds = detail::folded<typename decltype(call)::signature>;
  static_assert(folds::fits, "combine takes a function R(R, T) of what there is so far and of what a child results in");
  using result = typename folds::result;
  const detail::bound_call fold{"banyan.combine", 2,
                                detail::encode_some<result>(std::forward<R>(initial)) + detail::encode(call)};
  return handler(detail::handler_call{fold, &typeid(result), until_success});
}

}  // namespace banyan
