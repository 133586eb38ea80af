#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include <banyan/fn.hpp>
#include <banyan/options.hpp>
#include <banyan/source.hpp>

namespace banyan {

/// How a source is gone through.
struct map_options {
  std::uint64_t page_size = 1000;  ///< elements that are mapped in one call, at most; at least 1
  std::size_t shards = 16;         ///< parts into which a source that is larger than a page is split; at least 2
  /// Counts the elements of a source that does not know its size first, so that all weights are true from then on.
  bool count_first = false;
  retry_policy retry{};  ///< of each shard
  banyan::placement placement{};
  /// As in `options`, of each shard. One that waits for its parts gives its place up meanwhile.
  detail::label queue{};
  detail::label queue_key{};
  std::optional<int> priority{};
};

namespace detail {

/// The call of the future function `function` that goes through a source. Throws `error` (`invalid_argument`) for
/// options out of range.
bound_call map_call(const char* function, const source_calls& source, bytes source_value, const bound_call& map,
                    const bound_call& combine, const std::optional<bytes>& initial, const map_options& opts);

template <class S>
struct map_signature {
  static constexpr bool takes_one = false;
};
template <class R, class Page>
struct map_signature<R(Page)> {
  static constexpr bool takes_one = true;
  using result = R;
  using page = Page;
};

template <class F>
using map_signature_of = map_signature<typename decltype(banyan::fn(std::declval<const F&>()))::signature>;

}  // namespace detail

/// One call that goes through a source: `map` is called with each page, `combine` with two results to make one of them,
/// and `initial` is the first of them, once. It is a value like any fn: `co_await ctx.spawn(map_reduce(...))`,
/// `rt.spawn(map_reduce(...))`.
///
/// `map` and `combine` are registered functions, closures or fns, `R(S::page)` and `R(R, R)`. `combine` is associative;
/// it is called in the order of the source, `initial` on the left of all. Pages without elements are not mapped.
///
/// A source is split into shards, each a future below this one, which split on until a page holds what is left.
/// What a shard sees is recorded as parts of the source, never as elements. Its weight is its number of elements,
/// unknown until it is known. `map` is called as a part of the shard, at least once for each page. As soon as one shard
/// has failed for good the whole fails with its error, and the others are cancelled.
///
/// Throws `error`: `invalid_argument` for bad options, `unknown_function` for what is not registered.
template <source S, class Map, class Combine, class Initial>
auto map_reduce(const S& over, const Map& map, const Combine& combine, Initial&& initial,
                const map_options& opts = {}) {
  using signature = detail::map_signature_of<Map>;
  static_assert(signature::takes_one, "map takes a page of the source, and nothing else that is not bound");
  using R = typename signature::result;
  static_assert(std::is_same_v<typename signature::page, typename S::page>, "map takes a page of this source");
  static_assert(!std::is_void_v<R>, "map results in something; for_each_page takes one that does not");
  static_assert(std::is_constructible_v<R, Initial&&>, "the initial value does not convert to what map results in");
  static_assert(std::is_convertible_v<const Combine&, fn<R(R, R)>>,
                "combine takes two results of map and makes one of them: R(R, R)");
  const fn<R(R, R)> two = combine;
  const R first(std::forward<Initial>(initial));
  return fn<R()>(detail::map_call("banyan.map_reduce", detail::calls_of<S>(), detail::encode(over),
                                  banyan::fn(map).call(), two.call(), detail::encode(first), opts));
}

/// The same where `f` is called for what it does; its results are dropped. The result is the number of elements.
template <source S, class F>
fn<std::uint64_t()> for_each_page(const S& over, const F& f, const map_options& opts = {}) {
  static_assert(detail::map_signature_of<F>::takes_one,
                "the function takes a page of the source, and nothing else that is not bound");
  static_assert(std::is_same_v<typename detail::map_signature_of<F>::page, typename S::page>,
                "the function takes a page of this source");
  return fn<std::uint64_t()>(detail::map_call("banyan.for_each_page", detail::calls_of<S>(), detail::encode(over),
                                              banyan::fn(f).call(), {}, std::nullopt, opts));
}

}  // namespace banyan
