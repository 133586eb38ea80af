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

template <class R>
std::vector<key> keys_of(const std::vector<future<R>>& futures) {
  std::vector<key> keys;
  keys.reserve(futures.size());
  for (const auto& f : futures) keys.push_back(f.key());
  return keys;
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

/// The same for futures of different types, none of them void; the values come as a tuple.
template <class A, class B, class... R>
task<std::tuple<A, B, R...>> all(future<A> a, future<B> b, future<R>... rest) {
  std::vector<key> keys;
  keys.reserve(2 + sizeof...(R));
  keys.push_back(a.key());
  keys.push_back(b.key());
  (keys.push_back(rest.key()), ...);
  co_await detail::wait_for_all(std::move(keys));
  co_return std::tuple<A, B, R...>{detail::result_now(a), detail::result_now(b), detail::result_now(rest)...};
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

/// The values of all of them, in the order of the futures, or of those that succeed.
template <class R>
requires(!std::is_void_v<R>) task<std::vector<R>> gather(std::vector<future<R>> futures, errors how = errors::raise) {
  if (how == errors::raise) co_return co_await all(std::move(futures));
  co_await detail::wait_for_results(detail::keys_of(futures));
  std::vector<R> values;
  for (const auto& f : futures) {
    if (detail::require_activation("gather").result_of(f.key())->ok()) values.push_back(detail::result_now(f));
  }
  co_return values;
}

}  // namespace banyan
