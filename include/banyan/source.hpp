#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <ranges>
#include <typeinfo>
#include <utility>
#include <vector>

#include <banyan/detail/bound_call.hpp>
#include <banyan/function.hpp>

namespace banyan {

/// What `map_reduce` and `for_each_page` go through: a value that travels, names a sequence of elements, and can be
/// split. Its calls are made on any thread of any node, may be made again, and are to answer the same each time, as
/// long as what they read stays the same. What they throw fails the shard.
///
/// - `page`: a range of elements, which travels.
/// - `read(limit)`: its elements, in order; nothing where there are more than `limit`.
/// - `split(n)`: at most n sources, in order, that together hold what it holds, each clearly less than that: after 64
///   splits a part has to fit a page. Fewer than two: it cannot be split.
/// - `size()`: how many elements it has; nothing where that takes reading them.
///
/// A source whose answers follow from its fields alone may say `static constexpr bool pure = true`: then its parts are
/// worked out again instead of recorded.
template <class S>
concept source = requires(const S& s, std::uint64_t limit, std::size_t n) {
  typename S::page;
  { s.read(limit) } -> std::same_as<std::optional<typename S::page>>;
  { s.split(n) } -> std::same_as<std::vector<S>>;
  { s.size() } -> std::same_as<std::optional<std::uint64_t>>;
}
&&std::ranges::forward_range<const typename S::page>;

namespace detail {

template <class Page>
std::uint64_t elements_in(const Page& page) {
  if constexpr (source<Page>) {
    return page.size().value();
  } else {
    return static_cast<std::uint64_t>(std::ranges::distance(page));
  }
}

template <class Page>
using counted_page = std::pair<std::uint64_t, Page>;

/// The page in pieces of at most `limit` elements, where a part of it can be made; else as it is.
template <class Page>
std::vector<counted_page<Page>> cut(Page page, std::uint64_t limit) {
  const std::uint64_t all = elements_in(page);
  std::vector<counted_page<Page>> pages;
  if constexpr (std::constructible_from<Page, std::ranges::iterator_t<Page>, std::ranges::iterator_t<Page>>) {
    for (auto at = page.begin(); all > limit && at != page.end();) {
      const auto begin = at;
      std::ranges::advance(at, static_cast<std::ptrdiff_t>(limit), page.end());
      Page piece(begin, at);
      const std::uint64_t count = elements_in(piece);
      pages.emplace_back(count, std::move(piece));
    }
  }
  if (pages.empty() && all > 0) pages.emplace_back(all, std::move(page));
  return pages;
}

/// What a shard calls of a source of which it knows no more than the encoding.
template <source S>
struct source_functions {
  using pages = std::vector<counted_page<typename S::page>>;

  static std::optional<std::uint64_t> size(const S& s) { return s.size(); }
  static std::vector<S> split(const S& s, std::uint64_t n) { return s.split(static_cast<std::size_t>(n)); }
  /// Nothing: it has more than `limit` elements.
  static std::optional<pages> read(const S& s, std::uint64_t limit) {
    std::optional<typename S::page> page = s.read(limit);
    if (!page) return std::nullopt;
    return cut(std::move(*page), limit);
  }
  /// However many it has, in pages of at most `limit`.
  static pages read_all(const S& s, std::uint64_t limit) {
    std::optional<typename S::page> page = s.read(std::numeric_limits<std::uint64_t>::max());
    if (!page) throw permanent_failure("a source gave no page though it was asked for all of its elements");
    return cut(std::move(*page), limit);
  }
};

/// The functions of a source, by their names.
struct source_calls {
  bound_call size;
  bound_call split;
  bound_call read;
  bound_call read_all;
  bool pure = false;
};

/// Of a source that the library brings along.
source_calls calls_of_own(const char* name, bool pure);
/// Of a function that BANYAN_SOURCE registered. Throws `error` (`unknown_function`).
bound_call source_call(any_function f, const char* source);

/// True, or does not compile and says what a type lacks to be a source.
template <class S>
constexpr bool check_source() {
  static_assert(
      requires { typename S::page; }, "a source says what its pages are: `using page = ...;`");
  if constexpr (requires { typename S::page; }) {
    using page = typename S::page;
    static_assert(std::ranges::forward_range<const page>, "the page of a source is a range of elements");
    static_assert(
        requires(const S& s, std::uint64_t limit) {
          { s.read(limit) } -> std::same_as<std::optional<page>>;
        },
        "a source has `std::optional<page> read(std::uint64_t limit) const`");
  }
  static_assert(
      requires(const S& s, std::size_t n) {
        { s.split(n) } -> std::same_as<std::vector<S>>;
      },
      "a source has `std::vector<S> split(std::size_t n) const`, S being its own type");
  static_assert(
      requires(const S& s) {
        { s.size() } -> std::same_as<std::optional<std::uint64_t>>;
      },
      "a source has `std::optional<std::uint64_t> size() const`");
  return true;
}

template <source S>
inline constexpr bool is_pure = [] {
  if constexpr (requires { S::pure; }) {
    return static_cast<bool>(S::pure);
  } else {
    return false;
  }
}();

template <source S>
source_calls calls_of() {
  if constexpr (requires { S::own_name; }) {
    return calls_of_own(S::own_name, is_pure<S>);
  } else {
    using f = source_functions<S>;
    const auto call = [](auto* function) {
      return source_call(reinterpret_cast<any_function>(function), typeid(S).name());
    };
    return {call(&f::size), call(&f::split), call(&f::read), call(&f::read_all), is_pure<S>};
  }
}

}  // namespace detail
}  // namespace banyan

/// Registers a type of your own as a source, at namespace scope. The name is what records hold.
#define BANYAN_SOURCE(type) BANYAN_SOURCE_AS(type, #type)
#define BANYAN_SOURCE_AS(type, name)                                                  \
  static_assert(::banyan::detail::check_source<type>());                              \
  BANYAN_FUNCTION_AS(&::banyan::detail::source_functions<type>::size, name ".size")   \
  BANYAN_FUNCTION_AS(&::banyan::detail::source_functions<type>::split, name ".split") \
  BANYAN_FUNCTION_AS(&::banyan::detail::source_functions<type>::read, name ".read")   \
  BANYAN_FUNCTION_AS(&::banyan::detail::source_functions<type>::read_all, name ".read_all")
