#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <banyan/banyan.hpp>

namespace banyan::test {

/// Numbers of which nobody knows how many there are before they are read. The last part is half of all.
struct numbers {
  using page = std::vector<std::uint64_t>;

  std::uint64_t first = 0;
  std::uint64_t last = 0;

  std::optional<page> read(std::uint64_t limit) const {
    if (last - first > limit) return std::nullopt;
    page all;
    for (std::uint64_t i = first; i < last; ++i) all.push_back(i);
    return all;
  }
  std::vector<numbers> split(std::size_t n) const {
    std::vector<numbers> parts;
    const std::uint64_t half = (last - first) / 2;
    std::uint64_t at = first;
    for (std::size_t i = 1; i < n; ++i) {
      const std::uint64_t next = first + half * i / (n - 1);
      parts.push_back({at, next});
      at = next;
    }
    parts.push_back({at, last});
    return parts;
  }
  std::optional<std::uint64_t> size() const { return std::nullopt; }

  MSGPACK_DEFINE(first, last)
};
BANYAN_SOURCE(numbers)

inline std::uint64_t sum_page(const std::vector<std::uint64_t>& page) {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : page) sum += n;
  return sum;
}
BANYAN_FUNCTION(sum_page)

inline std::uint64_t sum_range(const index_range& page) {
  std::uint64_t sum = 0;
  for (const std::uint64_t n : page) sum += n;
  return sum;
}
BANYAN_FUNCTION(sum_range)

inline std::string join_page(const std::vector<std::string>& page) {
  std::string all;
  for (const std::string& one : page) all += one + ";";
  return all;
}
BANYAN_FUNCTION(join_page)

inline std::string append_text(const std::string& a, const std::string& b) { return a + b; }
BANYAN_FUNCTION(append_text)

inline std::uint64_t add_up(std::uint64_t a, std::uint64_t b) { return a + b; }
BANYAN_FUNCTION(add_up)

}  // namespace banyan::test
