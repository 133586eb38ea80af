#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "examples/wordtree/count.hpp"
#include "examples/wordtree/files.hpp"
#include "examples/wordtree/inventory.hpp"
#include "examples/wordtree/merge.hpp"
#include "examples/wordtree/word_list.hpp"
#include "examples/wordtree/words.hpp"

namespace wordtree {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using word_map = std::map<std::string, std::uint64_t>;

/// What the rule says, as plainly as can be.
word_map words_of(const std::string& text) {
  word_map words;
  std::string word;
  for (const char c : text + ' ') {
    const bool in_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (in_word) {
      word += c;
    } else if (!word.empty()) {
      ++words[std::exchange(word, {})];
    }
  }
  return words;
}

word_map unpacked(std::string_view list) {
  word_map words;
  for (word_list_reader r(list); r.next();) words[std::string(r.word())] += r.count();
  return words;
}

std::string packed(const word_map& words) {
  word_counter counter;
  for (const auto& [word, count] : words) counter.add(word, count);
  return counter.packed();
}

/// Text of few different bytes, so that words repeat, share beginnings and have all lengths.
std::string random_text(std::mt19937& random, std::size_t size) {
  constexpr std::string_view bytes("aaaaaaaaab_9Z \n\0\xff-", 19);
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += bytes[random() % bytes.size()];
  return text;
}

class directory_test : public testing::Test {
 protected:
  directory_test() {
    std::string name = (std::filesystem::temp_directory_path() / "wordcount-XXXXXX").native();
    if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a directory for the test");
    path_ = name;
  }
  ~directory_test() override {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string at(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(at(name), std::ios::binary) << content;
    return at(name);
  }

  std::string path_;
};

using CountWords = directory_test;
using Files = directory_test;

TEST(WordSplitter, FindsMaximalRunsOfWordBytesHoweverTheBytesCome) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    const std::string text = random_text(random, random() % 80);
    word_splitter splitter;
    word_map words;
    const auto take = [&words](std::string_view word) { ++words[std::string(word)]; };
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), random() % 7);
      splitter.feed(rest.substr(0, piece), take);
      rest.remove_prefix(piece);
    }
    splitter.finish(take);
    ASSERT_EQ(words, words_of(text));
  }
}

TEST(WordCounter, CountsAndPacksWhatItWasGiven) {
  std::mt19937 random(2);
  word_counter counter;
  for (int round = 0; round < 20; ++round) {
    counter.clear();
    word_map expected;
    std::uint64_t total = 0;
    for (int i = 0; i < 3000; ++i) {
      const std::string word(1 + random() % 30, static_cast<char>('a' + random() % 3));
      const std::string whole = word + std::to_string(random() % 40);
      const std::uint64_t times = 1 + random() % 1000;
      counter.add(whole, times);
      expected[whole] += times;
      total += times;
    }
    ASSERT_EQ(unpacked(counter.packed()), expected);
    ASSERT_EQ(counter.distinct(), expected.size());
    ASSERT_EQ(counter.total(), total);
  }
}

TEST(WordCounter, GivesEqualBytesForEqualTables) {
  word_counter a;
  word_counter b;
  for (const char* word : {"x", "abcdefgh", "abcdefghi", "abcdefghij"}) a.add(word, 7);
  for (const char* word : {"abcdefghij", "x", "abcdefghi", "abcdefgh"}) b.add(word, 7);
  EXPECT_EQ(a.packed(), b.packed());
  EXPECT_EQ(word_counter().packed(), "");
}

TEST_F(CountWords, GivesTheSameWhereverAFileIsSplit) {
  std::mt19937 random(3);
  for (const std::string& text : {std::string("the _quick_ brown fox\n\njumps99 over"), std::string(30, 'w'),
                                  random_text(random, 70), std::string("\0\0a\0", 4), std::string(" ")}) {
    const std::string file = write("text", text);
    for (std::uint64_t first = 0; first <= text.size() + 1; ++first) {
      for (std::uint64_t second = first; second <= text.size() + 1; ++second) {
        word_counter counter;
        std::uint64_t bytes = 0;
        for (const byte_range part : {byte_range{0, first}, {first, second}, {second, to_the_end}}) {
          bytes += count_words(file, part, counter);
        }
        ASSERT_EQ(unpacked(counter.packed()), words_of(text)) << first << ' ' << second;
        ASSERT_EQ(bytes, text.size()) << first << ' ' << second;
      }
    }
  }
}

TEST_F(CountWords, GivesEachPartsWordsToThePartTheyStartIn) {
  const std::string file = write("text", "one two");
  const auto in = [&file](std::uint64_t begin, std::uint64_t end) {
    word_counter counter;
    count_words(file, {begin, end}, counter);
    return unpacked(counter.packed());
  };
  EXPECT_THAT(in(0, 2), ElementsAre(Pair("one", 1)));
  EXPECT_THAT(in(2, 5), ElementsAre(Pair("two", 1)));
  EXPECT_THAT(in(5, 7), IsEmpty());
  EXPECT_THAT(in(100, 200), IsEmpty());
}

TEST_F(CountWords, TakesAWordLargerThanAnyBuffer) {
  const std::string word(3'000'000, 'x');
  const std::string file = write("word", word + " y");
  word_counter counter;
  EXPECT_EQ(count_words(file, {0, 1'000'000}, counter), 1'000'000u);
  EXPECT_EQ(count_words(file, {1'000'000, 2'000'000}, counter), 1'000'000u);
  EXPECT_EQ(count_words(file, {2'000'000, to_the_end}, counter), 1'000'002u);
  EXPECT_EQ(unpacked(counter.packed()), (word_map{{word, 1}, {"y", 1}}));
}

TEST_F(CountWords, RefusesAWordThatWouldFillTheMemory) {
  const std::string file = write("word", std::string(longest_word + (1u << 20), 'x'));
  word_counter counter;
  EXPECT_THROW(count_words(file, {}, counter), file_error);
  EXPECT_THROW(count_words(file, {0, 10}, counter), file_error);
}

TEST_F(CountWords, SaysWhyAFileCannotBeRead) {
  word_counter counter;
  const auto why = [&counter](const std::string& path) {
    try {
      count_words(path, {}, counter);
    } catch (const file_error& e) {
      return std::string(e.what());
    }
    return std::string("nothing");
  };
  std::filesystem::create_symlink(write("target", "x"), at("link"));
  ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
  EXPECT_EQ(why(at("missing")), "No such file or directory");
  EXPECT_EQ(why(path_), "Is a directory");
  EXPECT_EQ(why(at("link")), "Too many levels of symbolic links");
  EXPECT_NE(why(at("pipe")), "nothing");
}

TEST_F(CountWords, CanBeGivenUp) {
  const std::string file = write("text", "some words");
  word_counter counter;
  EXPECT_THROW(count_words(file, {}, counter, [] { throw std::logic_error("enough"); }), std::logic_error);
}

TEST_F(Files, AreListedByNameWithoutLinksAndSpecialFiles) {
  write("b\nnewline", "123");
  write("a\xff", "");
  std::filesystem::create_directory(at("d"));
  std::filesystem::create_symlink(at("d"), at("link"));
  std::filesystem::create_symlink("nowhere", at("dangling"));
  ASSERT_EQ(mkfifo(at("pipe").c_str(), 0600), 0);
  std::vector<std::string> found;
  for (const auto& f : list_directory(path_, [](const auto&, const auto&) { FAIL(); })) {
    found.push_back(std::string(1, static_cast<char>(f.kind)) + f.name + ":" + std::to_string(f.bytes));
  }
  EXPECT_THAT(found, ElementsAre("fa\xff:0", "fb\nnewline:3", "dd:0"));
  EXPECT_THROW(list_directory(at("missing"), {}), file_error);
  EXPECT_THROW(list_directory(at("link"), {}), file_error);
}

TEST_F(Files, AreFoundAtPathsLongerThanASystemCallTakes) {
  const std::string name(200, 'n');
  std::string path = path_;
  int directory = open(path.c_str(), O_PATH | O_CLOEXEC);
  for (int depth = 0; depth < 30; ++depth) {
    ASSERT_EQ(mkdirat(directory, name.c_str(), 0700), 0);
    const int next = openat(directory, name.c_str(), O_PATH | O_CLOEXEC);
    close(directory);
    directory = next;
    path += "/" + name;
  }
  const int file = openat(directory, "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(file, "deep deep", 9), 9);
  close(file);
  close(directory);

  const auto found = list_directory(path, {});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.front().bytes, 9u);
  word_counter counter;
  EXPECT_EQ(count_words(path + "/f", {}, counter), 9u);
  EXPECT_EQ(counter.total(), 2u);
}

TEST(WordList, MergesAnyNumberOfLists) {
  std::mt19937 random(4);
  for (const std::size_t lists : {0u, 1u, 2u, 3u, 7u, 64u, 65u, 300u}) {
    list_merger merger;
    std::vector<std::string> all;
    word_map expected;
    for (std::size_t i = 0; i < lists; ++i) {
      const word_map words = words_of(random_text(random, random() % 300));
      for (const auto& [word, count] : words) expected[word] += count;
      all.push_back(packed(words));
      merger.add(all.back());
    }
    EXPECT_EQ(merger.finish(), packed(expected)) << lists;
    EXPECT_EQ(merge_lists({all.begin(), all.end()}), packed(expected)) << lists;
  }
}

TEST(WordList, MergesWordsThatDifferOnlyInTheirLengths) {
  std::vector<std::string> lists;
  word_map expected;
  for (std::size_t i = 0; i < 40; ++i) {
    const word_map words{{std::string(1 + i / 2, 'a'), 1}, {std::string(40 - i, 'a'), 1000}};
    for (const auto& [word, count] : words) expected[word] += count;
    lists.push_back(packed(words));
  }
  EXPECT_EQ(merge_lists({lists.begin(), lists.end()}), packed(expected));
}

TEST(WordList, IsReadOrRefusedHoweverItIsDamaged) {
  std::mt19937 random(5);
  const std::string list = packed(words_of(random_text(random, 500)));
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = list.substr(0, random() % (list.size() + 1));
    for (std::size_t i = random() % 3; i > 0 && !damaged.empty(); --i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      merge_lists({list, damaged});
    } catch (const std::runtime_error&) {
    }
  }
}

TEST(WordList, IsSummarizedByCountThenByBytes) {
  const std::string list = packed({{"z", 5}, {"a", 5}, {"B", 5}, {"m", 9}, {"rare", 1}});
  const list_summary all = summarize(list, 100);
  EXPECT_EQ(all.distinct, 5u);
  EXPECT_EQ(all.words, 25u);
  EXPECT_THAT(all.top, ElementsAre(Pair("m", 9), Pair("B", 5), Pair("a", 5), Pair("z", 5), Pair("rare", 1)));
  EXPECT_THAT(summarize(list, 3).top, ElementsAre(Pair("m", 9), Pair("B", 5), Pair("a", 5)));
  EXPECT_THAT(summarize(list, 0).top, IsEmpty());
  EXPECT_THAT(summarize("", 3).top, IsEmpty());
}

TEST(Inventory, HoldsOneLevelInsideAnother) {
  std::string inside;
  add_entry(inside, {file_kind::file, "x\ny", 300, {}});
  std::string all;
  add_entry(all, {file_kind::directory, "d", 300, inside});
  add_entry(all, {file_kind::unreadable, "e", 0, {}});
  const auto entries = entries_of(all);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].name, "d");
  EXPECT_EQ(entries[0].bytes, 300u);
  EXPECT_EQ(entries[1].kind, file_kind::unreadable);
  ASSERT_EQ(entries_of(entries[0].inside).size(), 1u);
  EXPECT_EQ(entries_of(entries[0].inside)[0].name, "x\ny");
  for (std::size_t size = 1; size + 1 < all.size(); ++size) {
    if (size != all.size() - 5) {
      EXPECT_THROW(entries_of(std::string_view(all).substr(0, size)), std::runtime_error) << size;
    }
  }
}

}  // namespace
}  // namespace wordtree
