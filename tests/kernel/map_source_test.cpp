#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/kernel/map_sources.hpp"
#include "tests/support/redis_server.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

using field_page = std::vector<std::pair<std::string, std::string>>;
using field_counts = std::map<std::string, int>;

field_counts count_fields(const field_page& page) {
  field_counts counts;
  for (const auto& [name, value] : page) {
    if (value != "value of " + name) throw std::runtime_error("another value of " + name);
    ++counts[name];
  }
  return counts;
}
BANYAN_FUNCTION(count_fields)

field_counts merge_counts(field_counts a, const field_counts& b) {
  for (const auto& [name, n] : b) a[name] += n;
  return a;
}
BANYAN_FUNCTION(merge_counts)

/// All in the expression that awaits it, of which g++ 12 makes something else where values are not made for that.
task<std::string> joins_lines(context& ctx, std::string path) {
  co_return co_await ctx.spawn(map_reduce(lines_of{path}, join_page, append_text, "these lines come first: ",
                                          {.page_size = 2, .retry = {.max_attempts = 2}, .placement = {}}));
}
BANYAN_FUNCTION(joins_lines)

task<std::uint64_t> counts_entries(context& ctx, std::string path) {
  co_return co_await ctx.spawn(for_each_page(entries_of{path, true}, join_page));
}
BANYAN_FUNCTION(counts_entries)

class MapSources : public Kernel {
 protected:
  std::string path(const std::string& name) const { return file(name.c_str()); }

  template <class Source>
  std::string joined(const Source& s, const map_options& opts) {
    const auto f = rt().spawn(map_reduce(s, join_page, append_text, "", opts));
    const std::string all = f.get();
    rt().wait_idle();
    EXPECT_EQ(f.progress().fraction(), 1);
    return all;
  }
};
BANYAN_OVER_EACH_STORE(MapSources);

TEST_P(MapSources, may_be_the_lines_of_a_file) {
  std::string text;
  std::string all;
  for (int i = 0; i < 1000; ++i) {
    const std::string line = i == 500 ? std::string(200'000, 'x') : "line " + std::to_string(i);
    text += line + (i < 999 ? "\n" : "");
    all += line + ";";
  }
  std::ofstream(path("text")) << text;
  EXPECT_EQ(joined(lines_of{path("text")}, {.page_size = 20}), all);
  EXPECT_EQ(joined(lines_of{path("text")}, {.page_size = 20, .shards = 3, .count_first = true}), all);
  EXPECT_EQ(joined(lines_of{path("text")}, {.page_size = 5000}), all);
  std::ofstream(path("empty"));
  EXPECT_EQ(joined(lines_of{path("empty")}, {}), "");
}

TEST_P(MapSources, may_be_the_entries_of_a_directory) {
  std::string all;
  for (int i = 100; i < 400; ++i) {
    const std::string name = "f" + std::to_string(i);
    std::filesystem::create_directories(path("d/sub"));
    std::ofstream(path("d/sub/" + name)) << "x";
    all += name + ";";
  }
  EXPECT_EQ(joined(entries_of{path("d/sub")}, {.page_size = 20}), all);
  EXPECT_EQ(joined(entries_of{path("d")}, {}), "sub;");
  const auto f =
      rt().spawn(for_each_page(entries_of{path("d"), true}, join_page, {.page_size = 9, .count_first = true}));
  EXPECT_EQ(f.get(), 300u);
}

TEST_P(MapSources, may_be_made_where_they_are_awaited) {
  std::ofstream(path("a text with a long name")) << "1\n2\n3\n";
  EXPECT_EQ(rt().spawn(joins_lines, path("a text with a long name")).get(), "these lines come first: 1;2;3;");
  std::filesystem::create_directory(path("a directory with a long name"));
  EXPECT_EQ(rt().spawn(counts_entries, path("a directory with a long name")).get(), 0u);
}

TEST_P(MapSources, that_are_not_there_fail_clearly) {
  const auto lines = rt().spawn(for_each_page(lines_of{path("none")}, join_page));
  EXPECT_THAT(message_of([&] { lines.get(); }), HasSubstr("cannot open " + path("none")));
  const auto entries = rt().spawn(for_each_page(entries_of{path("none")}, join_page));
  EXPECT_THAT(message_of([&] { entries.get(); }), HasSubstr("cannot read the directory " + path("none")));
}

TEST_P(MapSources, that_are_no_regular_files_fail_and_hold_nobody_up) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  const auto lines = rt().spawn(for_each_page(lines_of{path("pipe")}, join_page));
  EXPECT_THAT(message_of([&] { lines.get(); }), HasSubstr(path("pipe") + " is no regular file"));
  const auto odd = rt().spawn(for_each_page(lines_of{path("pipe") + std::string("\0x", 2)}, join_page));
  EXPECT_THAT(message_of([&] { odd.get(); }), HasSubstr("cannot open"));
}

TEST_P(MapSources, that_come_later_are_tried_again) {
  const retry_policy soon{.max_attempts = 1000, .first_delay = 1ms, .max_delay = 5ms};
  const auto f = rt().spawn(for_each_page(lines_of{path("late")}, join_page, {.retry = soon}));
  ASSERT_TRUE(wait_until(
      [&] { return !f.children().empty() && f.children()[0].to_json().find("cannot open") != std::string::npos; }));
  std::ofstream(path("new")) << "a\nb\n";
  std::filesystem::rename(path("new"), path("late"));
  EXPECT_EQ(f.get(), 2u);
}

/// The hash is in a server of its own.
class MapFields : public Kernel {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    redis_.emplace();
  }
  void fill(int count) {
    for (int i = 0; i < count; i += 50) {
      std::vector<std::string> command{"HSET", "h"};
      for (int j = i; j < std::min(i + 50, count); ++j) {
        command.push_back("field " + std::to_string(j));
        command.push_back("value of field " + std::to_string(j));
      }
      redis_->ask(command);
    }
  }
  fields_of source() const { return {redis_->url(), "h"}; }
  void expect_each_once(int count, const map_options& opts) {
    const auto f = rt().spawn(map_reduce(source(), count_fields, merge_counts, field_counts(), opts));
    const field_counts counts = f.get();
    EXPECT_EQ(counts.size(), static_cast<std::size_t>(count));
    for (const auto& [name, n] : counts) EXPECT_EQ(n, 1) << name;
    rt().wait_idle();
    EXPECT_EQ(f.progress().fraction(), 1);
  }
  std::optional<redis_server> redis_;
};
BANYAN_OVER_EACH_STORE(MapFields);

TEST_P(MapFields, of_a_small_hash_are_seen_once) {
  fill(100);
  EXPECT_EQ(redis_->ask({"OBJECT", "ENCODING", "h"}), "listpack");
  for (const std::uint64_t page_size : {1u, 7u, 100u}) expect_each_once(100, {.page_size = page_size, .shards = 5});
}

TEST_P(MapFields, of_a_large_hash_are_seen_once) {
  fill(20'000);
  EXPECT_EQ(redis_->ask({"OBJECT", "ENCODING", "h"}), "hashtable");
  for (const std::uint64_t page_size : {30u, 1000u, 30'000u}) expect_each_once(20'000, {.page_size = page_size});
}

TEST_P(MapFields, know_their_number_at_once) {
  fill(500);
  EXPECT_EQ(source().size(), 500u);
  std::uint64_t sum = 0;
  for (const fields_of& part : source().split(4)) sum += part.size().value();
  EXPECT_EQ(sum, 500u);
}

TEST_P(MapFields, that_stay_are_seen_while_others_come_and_go) {
  fill(3000);
  const std::vector<fields_of> parts = source().split(6);
  for (int i = 0; i < 2900; ++i) redis_->ask({"HDEL", "h", "field " + std::to_string(i)});
  std::set<std::string> found;
  const auto look = [&] {
    for (const fields_of& part : parts) {
      const field_page page = part.read(100'000).value();
      for (const auto& field : page) found.insert(field.first);
    }
  };
  look();
  for (int i = 2900; i < 3000; ++i) EXPECT_TRUE(found.contains("field " + std::to_string(i))) << i;
  found.clear();
  fill(20'000);
  look();
  EXPECT_EQ(found.size(), 20'000u);
}

TEST_P(MapFields, of_what_was_split_small_and_grew_are_each_in_one_part) {
  fill(100);
  std::vector<fields_of> parts = source().split(4);
  fill(8000);
  std::map<std::string, int> found;
  int splits = 0;
  while (!parts.empty()) {
    const fields_of part = std::move(parts.back());
    parts.pop_back();
    if (const auto page = part.read(100)) {
      for (const auto& field : *page) ++found[field.first];
    } else {
      ++splits;
      for (fields_of& smaller : part.split(4)) parts.push_back(std::move(smaller));
    }
  }
  EXPECT_EQ(found.size(), 8000u);
  for (const auto& [name, n] : found) EXPECT_EQ(n, 1) << name;
  EXPECT_LT(splits, 500) << "each of them reads all that is in its part";
}

TEST_P(MapFields, of_no_hash_are_none_or_refused) {
  EXPECT_EQ(rt().spawn(for_each_page(source(), count_fields)).get(), 0u);
  redis_->ask({"SET", "h", "text"});
  const auto f = rt().spawn(for_each_page(source(), count_fields));
  EXPECT_THAT(message_of([&] { f.get(); }), HasSubstr("the key h holds no hash"));
  redis_->kill();
  const auto lost = rt().spawn(for_each_page(source(), count_fields));
  EXPECT_EQ(code_of([&] { lost.get(); }), errc::store_unavailable);
}

}  // namespace
}  // namespace banyan::test
