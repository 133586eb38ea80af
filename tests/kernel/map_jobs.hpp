#pragma once

#include <banyan/banyan.hpp>

#include "tests/kernel/map_sources.hpp"

/// Maps over each kind of source, to be killed. Each throws if an element is left out or comes twice.
namespace banyan::test {

inline void expect_text(const std::string& text, const std::string& expected) {
  if (text != expected) throw permanent_failure("another text: " + text);
}

/// Its parts are recorded; the shards of the second pass look into those of the first.
inline task<int> maps(context& ctx, bool count_first) {
  const map_options opts{.page_size = 8, .shards = 3, .count_first = count_first};
  const auto sum = ctx.spawn(map_reduce(numbers{0, 40}, sum_page, add_up, 1000, opts));
  co_return static_cast<int>(co_await sum);
}
BANYAN_FUNCTION(maps)

/// Its parts are worked out again.
inline task<int> maps_items(context& ctx) {
  std::vector<std::string> words;
  for (int i = 0; i < 30; ++i) words.push_back(std::to_string(i));
  const map_options opts{.page_size = 4, .shards = 3};
  const auto all = ctx.spawn(map_reduce(items(words), join_page, append_text, "", opts));
  const auto count = ctx.spawn(for_each_page(index_range{0, 30}, sum_range, opts));
  const std::string text = co_await all;
  std::string expected;
  for (const std::string& w : words) expected += w + ";";
  expect_text(text, expected);
  co_return static_cast<int>(co_await count);
}
BANYAN_FUNCTION(maps_items)

/// The lines are numbers from 0 on.
inline task<int> maps_lines(context& ctx, std::string path) {
  const map_options opts{.page_size = 4, .shards = 3};
  const auto all = ctx.spawn(map_reduce(lines_of(path), join_page, append_text, "", opts));
  const std::string text = co_await all;
  std::string expected;
  int n = 0;
  while (expected.size() < text.size()) expected += std::to_string(n++) + ";";
  expect_text(text, expected);
  co_return n;
}
BANYAN_FUNCTION(maps_lines)

/// Counts them first; the shards look into what was found then.
inline task<int> maps_entries(context& ctx, std::string directory) {
  const map_options opts{.page_size = 4, .shards = 3, .count_first = true};
  const auto all = ctx.spawn(map_reduce(entries_of(directory, true), join_page, append_text, "", opts));
  const std::string text = co_await all;
  std::string expected;
  int n = 0;
  while (expected.size() < text.size()) expected += "d/" + std::to_string(10 + n++) + ";";
  expect_text(text, expected);
  co_return n;
}
BANYAN_FUNCTION(maps_entries)

inline std::uint64_t sum_fields(const std::vector<std::pair<std::string, std::string>>& page) {
  std::uint64_t sum = 0;
  for (const auto& [name, value] : page) sum += std::stoull(value);
  return sum;
}
BANYAN_FUNCTION(sum_fields)

/// The hash is `h` in this Redis.
inline task<int> maps_fields(context& ctx, std::string url) {
  const map_options opts{.page_size = 6, .shards = 3};
  const auto sum = ctx.spawn(map_reduce(fields_of(url, "h"), sum_fields, add_up, 0, opts));
  co_return static_cast<int>(co_await sum);
}
BANYAN_FUNCTION(maps_fields)

}  // namespace banyan::test
