#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "examples/wordtree/activity.hpp"
#include "examples/wordtree/files.hpp"
#include "examples/wordtree/inventory.hpp"
#include "examples/wordtree/job.hpp"
#include "examples/wordtree/measure.hpp"
#include "examples/wordtree/word_list.hpp"
#include "tests/support/scratch_directory.hpp"

namespace wordtree {
namespace {

using banyan::test::scratch_directory;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// Tests of the second pass over what the first one never saw.
class WordtreeJob : public testing::Test {
 protected:
  WordtreeJob() { activity::here().take_reports(); }

  std::string write(const std::string& name, const std::string& content) const {
    const std::string path = scratch_.path() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  tally count_file_of(const std::string& path, std::uint64_t measured_bytes) {
    return runtime_.spawn(count_file, path, measured_bytes).get();
  }

  const scratch_directory scratch_;
  banyan::runtime runtime_;
};

TEST_F(WordtreeJob, SkipsAFileThatVanishedBetweenThePasses) {
  write("here", "one two two");
  std::string inventory;
  add_entry(inventory, {file_kind::file, "gone", 7, {}});
  add_entry(inventory, {file_kind::file, "gone and large", 5 << 20, {}});
  add_entry(inventory, {file_kind::file, "here", 11, {}});
  add_entry(inventory, {file_kind::unreadable, "never seen", 0, {}});
  const tally all = runtime_.spawn(count_directory, scratch_.path().string(), 5u << 20, blob{inventory}).get();
  EXPECT_EQ(all.files, 1u);
  EXPECT_EQ(all.skipped, 3u);
  EXPECT_EQ(all.bytes, 11u);
  EXPECT_THAT(summarize(all.words.data, 9).top, ElementsAre(Pair("two", 2), Pair("one", 1)));
  EXPECT_THAT(
      activity::here().take_reports(),
      testing::UnorderedElementsAre(HasSubstr("gone: No such file"), HasSubstr("gone and large: No such file")));
}

TEST_F(WordtreeJob, SkipsADirectoryThatBecameSomethingElse) {
  const std::string file = write("file", "x");
  std::string inventory;
  add_entry(inventory, {file_kind::file, "inside", 1, {}});
  const tally all = runtime_.spawn(count_directory, file, 1u, blob{inventory}).get();
  EXPECT_EQ(all.skipped, 1u);
  EXPECT_EQ(all.files, 0u);
}

TEST_F(WordtreeJob, CountsAFileAsItIsNowWhateverItsSizeWas) {
  std::string text;
  while (text.size() < (3u << 20)) text += "word ";
  const std::uint64_t words = text.size() / 5;
  const std::string path = write("file", text);
  for (const std::uint64_t measured : {std::uint64_t{0}, std::uint64_t{10}, std::uint64_t{2u << 20},
                                       std::uint64_t{text.size()}, std::uint64_t{50u << 20}}) {
    const tally all = count_file_of(path, measured);
    EXPECT_EQ(all.files, 1u);
    EXPECT_EQ(all.bytes, text.size()) << measured;
    EXPECT_THAT(summarize(all.words.data, 9).top, ElementsAre(Pair("word", words))) << measured;
  }
}

TEST_F(WordtreeJob, SplitsLargeFilesInHalves) {
  EXPECT_EQ(count_file_of(write("file", std::string(1u << 20, ' ')), 1u << 20).census.futures, 1u);
  EXPECT_EQ(count_file_of(write("file", std::string(1u << 20, ' ')), (1u << 20) + 1).census.futures, 3u);
  EXPECT_EQ(count_file_of(write("file", std::string(4u << 20, ' ')), 4u << 20).census.futures, 7u);
}

TEST_F(WordtreeJob, MeasuresWhatItWillCount) {
  write("a", "123");
  std::filesystem::create_directories(scratch_.path() / "d/e");
  write("d/b", "12345");
  write("d/e/c", "1");
  const measured all = runtime_.spawn(measure_directory, scratch_.path().string()).get();
  EXPECT_TRUE(all.readable);
  EXPECT_EQ(all.bytes, 9u);
  EXPECT_EQ(all.census.futures, 3u);
  const auto entries = entries_of(all.inventory.data);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[1].name, "d");
  EXPECT_EQ(entries[1].bytes, 6u);
  EXPECT_EQ(entries_of(entries[1].inside).size(), 2u);
  EXPECT_FALSE(runtime_.spawn(measure_directory, (scratch_.path() / "missing").string()).get().readable);
}

TEST_F(WordtreeJob, GivesProgressInBytes) {
  std::string text(3u << 20, ' ');
  const auto job = runtime_.spawn(count_tree, write("file", text), 10u);
  EXPECT_EQ(job.get().bytes, text.size());
  const banyan::progress p = job.progress();
  EXPECT_EQ(p.calculated, static_cast<double>(text.size()));
  EXPECT_EQ(p.weight, static_cast<double>(text.size()));
}

TEST_F(WordtreeJob, KnowsWhichFuturesThisProcessRan) {
  census mine;
  census theirs;
  theirs.process = this_process() + 1;
  theirs.futures = 10;
  theirs.run = 4;
  mine.add(theirs);
  EXPECT_EQ(mine.futures, 11u);
  EXPECT_EQ(mine.resumed(), 10u);
  EXPECT_EQ(theirs.resumed(), 10u);
  mine.add(census{});
  EXPECT_EQ(mine.futures, 12u);
  EXPECT_EQ(mine.resumed(), 10u);
}

}  // namespace
}  // namespace wordtree
