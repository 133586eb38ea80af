#include <gmock/gmock.h>

#include "examples/wordtree/activity.hpp"
#include "examples/wordtree/picture.hpp"
#include "examples/wordtree/speed.hpp"
#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Text, ShowsWhatATerminalWouldTakeForACommandAsNumbers) {
  EXPECT_EQ(printable("plain name"), "plain name");
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f"), "a\\x0Ab\\x1B[2J\\x7F");
  EXPECT_EQ(printable("\xc3\xa4\xe6\x9c\xa8\xf0\x9f\x8c\xb3"), "\xc3\xa4\xe6\x9c\xa8\xf0\x9f\x8c\xb3");
  EXPECT_EQ(printable("\xff\xc3"), "\\xFF\\xC3");
  EXPECT_EQ(printable("\xc0\x80"), "\\xC0\\x80");                   // longer than need be
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xED\\xA0\\x80");          // half of a pair
  EXPECT_EQ(printable("\xc2\x9b"), "\\xC2\\x9B");                   // a control character of eight bits
  EXPECT_EQ(printable("x\xe2\x80\xaetxt"), "x\\xE2\\x80\\xAEtxt");  // text would go on from right to left
}

TEST(Text, IsFittedToColumnsNotBytes) {
  EXPECT_EQ(columns("abc"), 3u);
  EXPECT_EQ(columns("\xc3\xa4"), 1u);
  EXPECT_EQ(columns("\xe6\x9c\xa8"), 2u);
  EXPECT_EQ(fitted("abc", 5), "abc  ");
  EXPECT_EQ(fitted("abcdefghij", 6), "ab..ij");
  EXPECT_EQ(fitted("abcdefghij", 2), "..");
  EXPECT_EQ(fitted("abcdefghij", 0), "");
  for (std::size_t width = 0; width < 12; ++width) {
    EXPECT_EQ(columns(fitted("\xe6\x9c\xa8\xe6\x9c\xa8 \xc3\xa4\xc3\xa4 \xe6\x9c\xa8", width)), width);
  }
}

TEST(Text, FormatsNumbersForPeople) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(999), "999 B");
  EXPECT_EQ(format_bytes(999.9), "1.0 kB");
  EXPECT_EQ(format_bytes(266377360), "266.4 MB");
  EXPECT_EQ(format_bytes(999'960'000), "1.0 GB");
  EXPECT_EQ(format_seconds(0.42), "0.4 s");
  EXPECT_EQ(format_seconds(59.4), "59 s");
  EXPECT_EQ(format_seconds(59.6), "1 min 0 s");
  EXPECT_EQ(format_seconds(3905), "1 h 5 min");
  EXPECT_EQ(format_count(7), "7");
  EXPECT_EQ(format_count(26608591), "26,608,591");
  EXPECT_EQ(format_count(100), "100");
  EXPECT_EQ(format_percent(0.999), "99 %");
  EXPECT_EQ(format_percent(0.29), "29 %");
  EXPECT_EQ(format_percent(1), "100 %");
}

TEST(Speedometer, LooksAtTheLastSeconds) {
  speedometer s;
  EXPECT_EQ(s.rate(), 0);
  EXPECT_FALSE(s.remaining(10));
  s.sample(0, 1000);  // from the record
  EXPECT_EQ(s.rate(), 0);
  for (int second = 1; second <= 10; ++second) s.sample(second, 1000 + 10 * second);
  EXPECT_DOUBLE_EQ(s.rate(), 10);
  for (int second = 11; second <= 20; ++second) s.sample(second, 1100);
  EXPECT_EQ(s.rate(), 0);
  EXPECT_FALSE(s.remaining(2000));
  for (int second = 21; second <= 30; ++second) s.sample(second, 1100 + 100 * (second - 20));
  ASSERT_TRUE(s.remaining(3100));
  EXPECT_DOUBLE_EQ(*s.remaining(3100), 10);
  EXPECT_DOUBLE_EQ(*s.remaining(0), 0);
  s.sample(31, 5);  // it was started again
  EXPECT_EQ(s.rate(), 0);
}

picture sample() {
  picture p;
  p.whole = {"/usr/include", 114.2e6, 266.4e6, 121e6, 1.25};
  p.busiest = {{"boost", 80e6, 131e6, 90e6, 0.6},
               {"boost/a\nname that is much longer than there is room for", 1e6, 4e6, 1e6, 3},
               {"c++", 0, 50e6, 0, {}}};
  return p;
}

TEST(Picture, HasALineForTheWholeAndOneForEachSubtree) {
  const auto lines = draw(sample(), 120);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], StartsWith("/usr/include"));
  EXPECT_THAT(lines[0], HasSubstr("[####"));
  EXPECT_THAT(lines[0], HasSubstr("42 %"));
  EXPECT_THAT(lines[0], HasSubstr("121.0 MB/s"));
  EXPECT_THAT(lines[0], HasSubstr("1.2 s left"));
  EXPECT_THAT(lines[0], HasSubstr("114.2 MB of 266.4 MB"));
  EXPECT_THAT(lines[1], StartsWith("  boost "));
  EXPECT_THAT(lines[2], HasSubstr(".."));
  EXPECT_THAT(lines[3], testing::Not(HasSubstr("left")));
}

TEST(Picture, FitsIntoAnyWidth) {
  for (std::size_t width = 1; width < 250; ++width) {
    for (const std::string& line : draw(sample(), width)) ASSERT_LE(columns(line), width) << line;
    picture measuring;
    measuring.measuring = true;
    measuring.whole.name = "/some/where";
    for (const std::string& line : draw(measuring, width)) ASSERT_LE(columns(line), width) << line;
  }
}

TEST(Picture, LeavesOutTheLeastTellingWhereThereIsLittleRoom) {
  const std::string narrow = draw(sample(), 40).front();
  EXPECT_THAT(narrow, HasSubstr("42 %"));
  EXPECT_THAT(narrow, testing::Not(HasSubstr(" of ")));
}

TEST(Picture, TakesNothingForAnEmptyTree) {
  picture p;
  p.whole.name = "empty";
  EXPECT_THAT(draw(p, 80).front(), HasSubstr("0 %"));
  EXPECT_EQ(one_line(p), "empty: 0 % of 0 B, 0 B/s");
}

TEST(Picture, ComesInOneLineWhereNothingCanBeRedrawn) {
  EXPECT_EQ(one_line(sample()), "/usr/include: 42 % of 266.4 MB, 121.0 MB/s, 1.2 s left");
  picture p;
  p.measuring = true;
  p.whole.name = "x";
  p.found_files = 1234;
  p.found_bytes = 5e6;
  EXPECT_EQ(one_line(p), "measuring x: 1,234 files, 5.0 MB");
}

TEST(Activity, ShowsSubtreesNearTheTopWhileTheyAreOpen) {
  activity a;
  a.watch("/top");
  const banyan::key near{{1, 1}, 1}, far{{1, 1}, 2}, other{{1, 1}, 3};
  EXPECT_FALSE(a.total());
  a.enter({{1, 1}, 0}, "/top", 99);
  EXPECT_EQ(a.total(), 99u);
  a.enter(near, "/top/a/b", 5);
  a.enter(far, "/top/a/b/c", 5);
  a.enter(other, "/topmost/a", 5);
  ASSERT_EQ(a.open_subtrees().size(), 1u);
  EXPECT_EQ(a.open_subtrees().front().key, near);
  a.leave(near);
  a.leave(far);
  EXPECT_TRUE(a.open_subtrees().empty());
}

TEST(Activity, ReportsWhatWasSkippedOnce) {
  activity a;
  a.skipped("/top/a\nb", "Permission denied");
  EXPECT_THAT(a.take_reports(), ElementsAre("skipped /top/a\\x0Ab: Permission denied"));
  EXPECT_TRUE(a.take_reports().empty());
}

}  // namespace
}  // namespace wordtree
