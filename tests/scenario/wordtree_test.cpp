#include <sys/stat.h>
#include <unistd.h>

#include <random>

#include "tests/scenario/wordtree_fixture.hpp"
#include "tests/support/each_store.hpp"

namespace banyan::test {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr int crashed = 128 + SIGKILL;

/// What has to hold on each store.
class WordtreeOver : public Wordtree, public testing::WithParamInterface<std::string> {
 protected:
  WordtreeOver() { store_ = place_.url(); }
  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }
  /// From here on it is another store.
  void change_store() { store_ += GetParam() == "redis" ? "?prefix=other" : "-other"; }

 private:
  const store_place place_{GetParam()};
};

TEST_P(WordtreeOver, CountsWhatFindAndGrepCount) {
  make_hostile_tree();
  expect_equal_to_grep(count());
}

TEST_F(Wordtree, CountsOneFile) {
  write("file", "two words");
  const program_end end = run_program({WORDTREE_PROGRAM, (tree() / "file").string(), "--store", "memory:", "--json"});
  ASSERT_EQ(end.code, 0) << end.err;
  const auto counted = last_line(end.out);
  EXPECT_EQ(words_in(counted), (word_map{{"two", 1}, {"words", 1}}));
  EXPECT_EQ(counted["files"], 1);
  EXPECT_EQ(counted["path"], (tree() / "file").string());
}

TEST_F(Wordtree, CountsAnEmptyDirectory) {
  const auto counted = count();
  EXPECT_EQ(counted["files"], 0);
  EXPECT_EQ(counted["words"], 0);
  EXPECT_EQ(counted["futures"], 3);
}

TEST_F(Wordtree, PrintsOneObjectWithTheseKeysOnTheLastLine) {
  write("file", "b a b c");
  const program_end end = run({"--json", "--top", "2"});
  ASSERT_EQ(end.code, 0) << end.err;
  std::vector<std::string> keys;
  const auto printed = nlohmann::ordered_json::parse(end.out);
  for (const auto& [key, value] : printed.items()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("key", "path", "files", "skipped", "bytes", "words", "distinct", "top", "futures",
                                "resumed_futures", "seconds"));
  const auto counted = last_line(end.out);
  EXPECT_EQ(counted["top"], nlohmann::json::parse(R"([["b", 2], ["a", 1]])"));
  EXPECT_EQ(counted["resumed_futures"], 0);
  EXPECT_EQ(counted["futures"], 4);  // the job, two for the directory, one for the file
}

TEST_F(Wordtree, AnswersFromTheRecordWhenRunAgain) {
  make_hostile_tree();
  const auto first = count();
  std::filesystem::remove_all(tree() / "many");
  const program_end again = run({"--json", "--top", "4000000000"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("counted before"));
  const auto second = last_line(again.out);
  EXPECT_EQ(second["top"], first["top"]);
  EXPECT_EQ(second["key"], first["key"]);
  EXPECT_EQ(second["files"], first["files"]);
  EXPECT_EQ(second["resumed_futures"], first["futures"]);
}

TEST_F(Wordtree, StartsAnewWhenAskedTo) {
  write("file", "one");
  EXPECT_EQ(count()["words"], 1);
  write("file", "one two");
  EXPECT_EQ(count()["words"], 1);
  const auto fresh = count({"--fresh"});
  EXPECT_EQ(fresh["words"], 2);
  EXPECT_EQ(fresh["resumed_futures"], 0);
  EXPECT_EQ(count()["words"], 2);
}

TEST_F(Wordtree, StartsAnewInTheMiddleOfAnInterruptedRun) {
  make_hostile_tree();
  ASSERT_EQ(run({"--crash-after", "10"}).code, crashed);
  const auto fresh = count({"--fresh"});
  expect_equal_to_grep(fresh);
  EXPECT_EQ(fresh["resumed_futures"], 0);
}

TEST_F(Wordtree, ReportsAndSkipsWhatItMayNotRead) {
  write("a/readable", "word");
  write("a/closed\nfile", "secret");
  write("closed directory/file", "secret");
  ASSERT_EQ(chmod((tree() / "a/closed\nfile").c_str(), 0), 0);
  ASSERT_EQ(chmod((tree() / "closed directory").c_str(), 0), 0);
  ASSERT_EQ(chmod(scratch_.path().c_str(), 0777), 0);
  std::vector<std::string> words = command({"--json"});
  if (geteuid() == 0) {
    words.insert(words.begin(), {"/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  }
  const program_end end = run_program(words);
  chmod((tree() / "closed directory").c_str(), 0700);
  ASSERT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.err,
              AllOf(HasSubstr("closed\\x0Afile: Permission denied"), HasSubstr("closed directory: Permission denied")));
  const auto counted = last_line(end.out);
  EXPECT_EQ(counted["skipped"], 2);
  EXPECT_EQ(counted["files"], 1);
  EXPECT_EQ(counted["bytes"], 4);
  EXPECT_EQ(words_in(counted), (word_map{{"word", 1}}));
}

TEST_F(Wordtree, TellsBadUsageInOneLine) {
  const auto one_line = [](const std::vector<std::string>& arguments, const std::string& what) {
    std::vector<std::string> words{WORDTREE_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const program_end end = run_program(words);
    EXPECT_EQ(end.code, 2) << what;
    EXPECT_THAT(end.err, HasSubstr(what));
    EXPECT_EQ(std::count(end.err.begin(), end.err.end(), '\n'), 1) << end.err;
    EXPECT_EQ(end.out, "");
  };
  one_line({}, "PATH");
  one_line({(tree() / "missing").string()}, "No such file or directory");
  one_line({"/dev/null"}, "neither a directory nor a regular file");
  one_line({tree().string(), "--top", "-1"}, "--top");
  one_line({tree().string(), "--threads", "0"}, "--threads");
  one_line({tree().string(), "--crash-after", "x"}, "--crash-after");
  one_line({tree().string(), "--unknown"}, "--unknown");
  one_line({tree().string(), tree().string()}, tree().string());
}

TEST_F(Wordtree, FailsWithOneLineWhereTheStoreCannotBeOpened) {
  store_ = "sqlite:" + (scratch_.path() / "no/such/directory/store.db").string();
  const program_end end = run({});
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("store.db"));
  EXPECT_EQ(end.out, "");
}

TEST_F(Wordtree, SpeaksPlainlyWhereThereIsNoTerminal) {
  make_hostile_tree();
  const program_end end = run({});
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.out, AllOf(HasSubstr("futures"), HasSubstr("key "), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(end.err, Not(HasSubstr("\x1b")));
}

TEST_F(Wordtree, ShowsAPictureOnATerminalAndTakesItAwayAtTheEnd) {
  make_hostile_tree();
  set_long_file(2ull << 30);
  terminal_program program(command({"--top", "1"}), 24, 100);
  EXPECT_TRUE(program.wait_for("MB of "));
  EXPECT_THAT(program.seen(), AllOf(HasSubstr("\x1b[?25l"), HasSubstr("["), HasSubstr("/s")));
  set_long_file(0);
  EXPECT_EQ(program.wait(), 0);
  const std::string& seen = program.seen();
  EXPECT_GT(seen.rfind("\x1b[?25h"), seen.rfind("\x1b[?25l"));
  EXPECT_THAT(seen.substr(seen.rfind("\x1b[?25h")), HasSubstr("futures"));
}

TEST_F(Wordtree, StopsAtAnInterruptAndGoesOnWhenRunAgain) {
  make_hostile_tree();
  set_long_file(32ull << 30);
  {
    terminal_program program(command({"--top", "4000000000"}), 24, 100);
    ASSERT_TRUE(program.wait_for("MB of ")) << program.seen();
    program.send(SIGINT);
    EXPECT_EQ(program.wait(), 130);
    const std::string& seen = program.seen();
    EXPECT_THAT(seen, AllOf(HasSubstr("interrupted at"), HasSubstr("run the same command again")));
    EXPECT_GT(seen.rfind("\x1b[?25h"), seen.rfind("\x1b[?25l"));
  }
  set_long_file(0);
  const program_end end = run({"--json", "--top", "4000000000"});
  ASSERT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.err, HasSubstr("resuming at "));
  const auto counted = last_line(end.out);
  EXPECT_GT(counted["resumed_futures"], 0);
  EXPECT_EQ(words_in(counted), words_by_grep());
}

TEST_P(WordtreeOver, GoesOnAfterACrashAtAnyCommit) {
  make_hostile_tree();
  int crashes = 0;
  while (true) {
    const program_end end = run({"--json", "--top", "4000000000", "--crash-after", "20"});
    if (end.code == 0) {
      const auto counted = last_line(end.out);
      expect_equal_to_grep(counted);
      if (crashes > 0) {
        EXPECT_GT(counted["resumed_futures"], 0);
      }
      break;
    }
    ASSERT_EQ(end.code, crashed) << end.err;
    ASSERT_LT(++crashes, 500) << "it does not come to an end";
  }
  RecordProperty("crashes", crashes);
}

TEST_P(WordtreeOver, LosesNothingWhenKilledAtAnyMoment) {
  make_hostile_tree();
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_EQ(run({"--fresh"}).code, 0);
  const auto whole = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - begin);

  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  int kills = 0;
  change_store();
  for (int round = 0; round < 25; ++round) {
    background_program program(command({"--json", "--top", "4000000000"}));
    if (program.ends_within(microseconds(random() % static_cast<std::uint64_t>(whole.count())))) break;
    program.kill();
    ++kills;
  }
  RecordProperty("kills", kills);
  expect_equal_to_grep(count());
}

BANYAN_OVER_SHARED_STORES(WordtreeOver);

}  // namespace
}  // namespace banyan::test
