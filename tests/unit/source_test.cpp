#include <gmock/gmock.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>

#include <banyan/banyan.hpp>

#include "persistence/redis_hash.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::uint64_t any_number = std::numeric_limits<std::uint64_t>::max();

/// All elements, by way of parts of parts.
template <class S>
std::vector<std::string> by_parts(const S& s, std::size_t n, std::uint64_t limit) {
  if (auto page = s.read(limit)) return *page;
  std::vector<std::string> all;
  const std::vector<S> parts = s.split(n);
  EXPECT_GT(parts.size(), 1u);
  EXPECT_LE(parts.size(), n);
  for (const S& part : parts) {
    for (std::string& one : by_parts(part, n, limit)) all.push_back(std::move(one));
  }
  return all;
}

TEST(IndexRange, is_split_into_parts_that_differ_by_one_at_most) {
  const auto parts = index_range{10, 21}.split(4);
  EXPECT_THAT(parts, ElementsAre(index_range{10, 13}, index_range{13, 16}, index_range{16, 19}, index_range{19, 21}));
  EXPECT_THAT((index_range{3, 5}.split(16)), ElementsAre(index_range{3, 4}, index_range{4, 5}));
  EXPECT_THAT((index_range{5, 3}.split(16)), IsEmpty());
}

TEST(IndexRange, of_all_numbers_is_split_without_overflow) {
  const auto parts = index_range{0, any_number}.split(16);
  ASSERT_EQ(parts.size(), 16u);
  EXPECT_EQ(parts.front().first, 0u);
  EXPECT_EQ(parts.back().last, any_number);
  for (std::size_t i = 1; i < parts.size(); ++i) EXPECT_EQ(parts[i].first, parts[i - 1].last);
}

TEST(IndexRange, is_its_own_page) {
  EXPECT_EQ((index_range{1, 9}.read(8)), (index_range{1, 9}));
  EXPECT_EQ((index_range{1, 9}.read(7)), std::nullopt);
  std::vector<std::uint64_t> all;
  for (const std::uint64_t n : index_range{3, 6}) all.push_back(n);
  EXPECT_THAT(all, ElementsAre(3, 4, 5));
  for (const std::uint64_t n : index_range{6, 3}) ADD_FAILURE() << n;
}

TEST(Items, keep_their_order_in_parts) {
  const auto parts = items(std::vector{1, 2, 3, 4, 5}).split(2);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_THAT(*parts[0].read(5), ElementsAre(1, 2, 3));
  EXPECT_THAT(*parts[1].read(5), ElementsAre(4, 5));
  EXPECT_EQ(items(std::vector{1, 2}).read(1), std::nullopt);
}

class Lines : public testing::Test {
 protected:
  lines_of file(const std::string& text) {
    std::ofstream(path_, std::ios::binary) << text;
    return lines_of(path_);
  }
  std::vector<std::string> all(const std::string& text) { return file(text).read(any_number).value(); }
  const scratch_directory scratch_;
  const std::string path_ = (scratch_.path() / "text").string();
};

TEST_F(Lines, end_with_a_newline_or_with_the_file) {
  EXPECT_THAT(all(""), IsEmpty());
  EXPECT_THAT(all("\n"), ElementsAre(""));
  EXPECT_THAT(all("a\nb"), ElementsAre("a", "b"));
  EXPECT_THAT(all("a\n\nb\n"), ElementsAre("a", "", "b"));
  EXPECT_THAT(all("a\r\nb\r\n"), ElementsAre("a\r", "b\r"));
}

TEST_F(Lines, belong_to_the_part_in_which_they_begin) {
  file("ab\ncd\n\nef");
  const auto between = [&](std::uint64_t begin, std::uint64_t end) {
    return lines_of(path_, begin, end).read(any_number).value();
  };
  EXPECT_THAT(between(0, 1), ElementsAre("ab"));
  EXPECT_THAT(between(1, 3), IsEmpty());
  EXPECT_THAT(between(2, 4), ElementsAre("cd"));
  EXPECT_THAT(between(3, 7), ElementsAre("cd", ""));
  EXPECT_THAT(between(7, 9), ElementsAre("ef"));
  EXPECT_THAT(between(9, 20), IsEmpty());
}

TEST_F(Lines, are_all_there_however_they_are_split) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    std::string text;
    const std::size_t size = random() % 400;
    while (text.size() < size) {
      text += std::string(random() % 4 == 0 ? random() % 100 : random() % 4, 'x');
      if (random() % 8 != 0) text += '\n';
    }
    const lines_of source = file(text);
    EXPECT_EQ(by_parts(source, 2 + random() % 5, 1 + random() % 5), source.read(any_number)) << text;
  }
}

TEST_F(Lines, may_be_longer_than_what_is_read_at_a_time) {
  const std::string longest(1 << 20, 'y');
  const lines_of source = file("short\n" + longest + "\nlast");
  EXPECT_EQ(by_parts(source, 16, 1), (std::vector<std::string>{"short", longest, "last"}));
}

TEST_F(Lines, of_what_is_no_file_are_refused) {
  EXPECT_THAT(thrown_by([] { lines_of("/no/such/file").read(1); }).message(),
              HasSubstr("cannot open /no/such/file: No such file or directory"));
  EXPECT_THAT(thrown_by([&] { lines_of(scratch_.path().string()).read(1); }).message(), HasSubstr("no regular file"));
}

class Entries : public testing::Test {
 protected:
  void touch(const std::string& name) {
    const auto path = scratch_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "x";
  }
  const scratch_directory scratch_;
  const std::string path_ = scratch_.path().string();
};

TEST_F(Entries, are_sorted_names_whatever_they_name) {
  for (const char* name : {"b", ".hidden", "a b", "new\nline", "\xff\xfe", "d/inside", "\xc3\xa4"}) touch(name);
  std::filesystem::create_symlink("nowhere", scratch_.path() / "link");
  EXPECT_THAT(*entries_of(path_).read(100),
              ElementsAre(".hidden", "a b", "b", "d", "link", "new\nline", "\xc3\xa4", "\xff\xfe"));
  EXPECT_EQ(entries_of(path_).read(7), std::nullopt);
}

TEST_F(Entries, below_it_stand_together_and_are_no_directories) {
  for (const char* name : {"a/x", "a.txt", "a/b/c", "a-b", "z/y", "q"}) touch(name);
  std::filesystem::create_directory_symlink(path_, scratch_.path() / "loop");
  EXPECT_THAT(*entries_of(path_, true).read(100), ElementsAre("a/b/c", "a/x", "a-b", "a.txt", "loop", "q", "z/y"));
}

TEST_F(Entries, are_all_there_however_they_are_split) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    std::string name;
    for (auto depth = random() % 4; depth > 0; --depth)
      name += std::string(1, static_cast<char>('a' + random() % 3)) + "_/";
    touch(name + std::to_string(random() % 300));
  }
  for (const bool recursive : {false, true}) {
    const entries_of source(path_, recursive);
    for (const std::size_t n : {2u, 3u, 16u}) EXPECT_EQ(by_parts(source, n, 5), source.read(any_number));
  }
}

TEST_F(Entries, of_what_is_no_directory_are_refused) {
  EXPECT_THAT(thrown_by([] { entries_of("/no/such").read(1); }).message(),
              HasSubstr("cannot read the directory /no/such: No such file or directory"));
}

TEST(Fields, of_what_is_no_redis_are_refused) {
  EXPECT_EQ(thrown_by([] { fields_of("sqlite:x", "k").size(); }).code(), errc::bad_url);
  EXPECT_EQ(thrown_by([] { fields_of("redis+unix:///no/such/socket", "k").size(); }).code(), errc::store_unavailable);
}

TEST(Fields, have_cursors_that_count_from_their_highest_bit) {
  const std::array<std::uint64_t, 8> scan{0, 4, 2, 6, 1, 5, 3, 7};
  for (std::size_t i = 1; i < scan.size(); ++i) {
    EXPECT_TRUE(detail::at_or_behind(scan[i], scan[i - 1]));
    EXPECT_FALSE(detail::at_or_behind(scan[i - 1], scan[i]));
  }
  EXPECT_TRUE(detail::at_or_behind(5, 5));
}

}  // namespace
}  // namespace banyan::test
