#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <banyan/detail/activation.hpp>
#include <banyan/future.hpp>
#include <banyan/task.hpp>

namespace banyan {

namespace detail {

/// Waits until all have succeeded. The first that did not is a recorded choice; its error is thrown.
task<> wait_for_all(std::vector<key> keys);

/// Waits for the first result; which it was is a recorded choice.
task<std::size_t> wait_for_any(std::vector<key> keys, bool cancel_losers);

/// Waits for the first success; which it was is a recorded choice. If there is none the error of the first key is
/// thrown.
task<std::size_t> wait_for_success(std::vector<key> keys, bool cancel_losers);

/// Waits until all have results, whatever they are.
task<> wait_for_results(std::vector<key> keys);

template <class R>
R result_now(const future<R>& f) {
  return future<R>::read(*require_activation("all").result_of(f.key()));
}

/// The same as a tuple, which is empty where there is no value.
template <class R>
auto value_now(const future<R>& f) {
  if constexpr (std::is_void_v<R>) {
    return std::tuple<>();
  } else {
    return std::tuple<R>(result_now(f));
  }
}

template <class Tuple>
struct tuple_or_void {
  using type = Tuple;
};
template <>
struct tuple_or_void<std::tuple<>> {
  using type = void;
};
/// What futures that result in R have together.
template <class... R>
using values_of =
    typename tuple_or_void<decltype(std::tuple_cat(value_now(std::declval<const future<R>&>())...))>::type;

/// Throws `error` (`invalid_argument`) for a handle that names nothing.
template <class R>
std::vector<key> keys_of(const std::vector<future<R>>& futures) {
  std::vector<key> keys;
  keys.reserve(futures.size());
  for (const auto& f : futures) keys.push_back(named_key(f));
  return keys;
}
template <class... R>
std::vector<key> keys_of(const future<R>&... futures) {
  return {named_key(futures)...};
}

}  // namespace detail

// All of these work inside future functions only (elsewhere: `error`, `invalid_argument`), are awaited where they are
// called, and take a number.

/// Waits for all of them; the values come in the order of the futures. As soon as one has failed or was cancelled
/// its error is thrown, without waiting for the others, which go on. Which one it was is durable by then.
template <class R>
requires(!std::is_void_v<R>) task<std::vector<R>> all(std::vector<future<R>> futures) {
  co_await detail::wait_for_all(detail::keys_of(futures));
  std::vector<R> values;
  values.reserve(futures.size());
  for (const auto& f : futures) values.push_back(detail::result_now(f));
  co_return values;
}

inline task<> all(std::vector<future<void>> futures) { return detail::wait_for_all(detail::keys_of(futures)); }

/// The same for futures of different types; the values come as a tuple, in which those without a value, the void ones,
/// have no place: `const auto [sum, text] = co_await all(adds, writes_a_file, reads)`. Nothing where all are void.
template <class A, class B, class... R>
task<detail::values_of<A, B, R...>> all(future<A> a, future<B> b, future<R>... rest) {
  std::vector<key> keys = detail::keys_of(a, b, rest...);
  co_await detail::wait_for_all(std::move(keys));
  if constexpr (!std::is_void_v<detail::values_of<A, B, R...>>) {
    co_return std::tuple_cat(detail::value_now(a), detail::value_now(b), detail::value_now(rest)...);
  }
}

/// Which future came first, and its value.
template <class R>
struct first_result {
  std::size_t index = 0;
  R value{};
};
template <>
struct first_result<void> {
  std::size_t index = 0;
};

struct any_options {
  bool cancel_losers = true;  ///< cancel the others that are children of this future once the first is known
};

/// What `gather` does with futures that failed or were cancelled.
enum class errors : unsigned char {
  raise = 0,  ///< throws the error of one, without waiting for the others, as `all` does
  skip = 1,   ///< waits for all, and leaves those out
};

namespace detail {

/// Throws `error` (`invalid_argument`) for what is none of them.
inline bool skips_errors(errors how) {
  if (how > errors::skip) throw error(errc::invalid_argument, "gather: there is no such kind of errors");
  return how == errors::skip;
}

}  // namespace detail

/// Waits for the first of them that has a result; which one it was is durable then. Cancels the losers, and throws the
/// first one's error if it is no success. Throws `error` (`invalid_argument`) for no futures at all.
template <class R>
task<first_result<R>> any(std::vector<future<R>> futures, any_options opts = {}) {
  const std::size_t first = co_await detail::wait_for_any(detail::keys_of(futures), opts.cancel_losers);
  if constexpr (std::is_void_v<R>) {
    co_await futures[first];
    co_return first_result<void>{first};
  } else {
    // Named: g++ 12 destroys twice what is braced together with a co_await.
    R value = co_await futures[first];
    co_return first_result<R>{first, std::move(value)};
  }
}

/// The same for futures that are named one by one.
template <class R, class... Rest>
requires(std::is_same_v<Rest, future<R>>&&...) task<first_result<R>> any(future<R> a, future<R> b, Rest... rest) {
  return any(std::vector<future<R>>{a, b, rest...});
}

/// Waits for the first of them that succeeds; which one it was is durable then. Cancels the losers. If all failed or
/// were cancelled, throws the error of the first of `futures`. Throws `error` (`invalid_argument`) for no futures at
/// all.
template <class R>
task<first_result<R>> first_success(std::vector<future<R>> futures, any_options opts = {}) {
  const std::size_t first = co_await detail::wait_for_success(detail::keys_of(futures), opts.cancel_losers);
  if constexpr (std::is_void_v<R>) {
    co_return first_result<void>{first};
  } else {
    co_return first_result<R>{first, detail::result_now(futures[first])};
  }
}

/// The values of all of them, in the order of the futures, or of those that succeed. Throws `error`
/// (`invalid_argument`) for a handle that names nothing.
template <class R>
requires(!std::is_void_v<R>) task<std::vector<R>> gather(std::vector<future<R>> futures, errors how = errors::raise) {
  if (!detail::skips_errors(how)) co_return co_await all(std::move(futures));
  co_await detail::wait_for_results(detail::keys_of(futures));
  std::vector<R> values;
  for (const auto& f : futures) {
    if (detail::require_activation("gather").result_of(f.key())->ok()) values.push_back(detail::result_now(f));
  }
  co_return values;
}

/// Those of void ones have no values: waits for all, or until one has failed.
inline task<> gather(std::vector<future<void>> futures, errors how = errors::raise) {
  if (!detail::skips_errors(how)) return all(std::move(futures));
  return detail::wait_for_results(detail::keys_of(futures));
}

}  // namespace banyan
