#include <csignal>

#include "tests/scenario/cli_fixture.hpp"

namespace banyan::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr char hide_cursor[] = "\x1b[?25l";
constexpr char show_cursor[] = "\x1b[?25h";

class CliWatch : public Cli {
 protected:
  terminal_program watch_on_terminal(unsigned short rows, unsigned short columns) const {
    return {{BANYAN_PROGRAM, "--store", url_, "watch", live_.str()}, rows, columns};
  }
};

TEST_P(CliWatch, EndsAtOnceForWhatHasEnded) {
  const program_end end = banyan({"watch", done_.str()});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.out, done_.str() + "  success  100%  1.5s\n");
  EXPECT_EQ(banyan({"watch", failed_child_.str()}).code, 1);
}

TEST_P(CliWatch, FollowsAFutureToItsEnd) {
  piped_program program({BANYAN_PROGRAM, "--store", url_, "watch", live_.str()});
  ASSERT_TRUE(program.wait_for("  running  25%"));
  tree_.gauge(live_, {status::waiting, {0, 2, 4}, now_ - 10'000, now_, false, ""});
  ASSERT_TRUE(program.wait_for("  waiting  50%"));
  detail::result_record cancelled = failure_of("cancelled from outside");
  cancelled.outcome = status::cancelled;
  tree_.result(live_, cancelled);
  const program_end end = program.wait();
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.out, HasSubstr("  cancelled  "));
  EXPECT_THAT(end.out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(end.err, HasSubstr("was cancelled"));
}

TEST_P(CliWatch, SaysWhenNobodyRunsIt) {
  stop_driving();
  terminal_program program({BANYAN_PROGRAM, "--store", url_, "watch", live_.str()}, 24, 80);
  EXPECT_TRUE(program.wait_for("no program runs it now"));
}

TEST_P(CliWatch, DrawsATreeInPlaceOnATerminal) {
  terminal_program program = watch_on_terminal(24, 100);
  ASSERT_TRUE(program.wait_for("└─ approval"));
  EXPECT_THAT(program.seen(), HasSubstr(hide_cursor));
  EXPECT_THAT(program.seen(), HasSubstr("red\\x1b[31m name"));
  EXPECT_THAT(program.seen(), HasSubstr("25%"));
  EXPECT_THAT(program.seen(), HasSubstr("├─ epoch"));
  // The second picture begins where the first did.
  ASSERT_TRUE(program.wait_for("\x1b[4A\r"));
  tree_.result(live_, success_of("\xC0"));
  EXPECT_EQ(program.wait(), 0);
  EXPECT_THAT(program.seen(), HasSubstr("100%"));
  EXPECT_THAT(program.seen(), EndsWith(show_cursor));
}

TEST_P(CliWatch, FitsASmallTerminal) {
  for (std::uint64_t i = 10; i < 100; ++i) tree_.child(live_, i, call_of("one of many"));
  terminal_program program = watch_on_terminal(6, 30);
  ASSERT_TRUE(program.wait_for("\x1b[4A\r"));
  EXPECT_THAT(program.seen(), Not(HasSubstr("\x1b[5A")));
}

TEST_P(CliWatch, RestoresTheTerminalWhenItIsInterrupted) {
  for (const int signal : {SIGINT, SIGTERM}) {
    terminal_program program = watch_on_terminal(24, 80);
    ASSERT_TRUE(program.wait_for("epoch"));
    program.send(signal);
    EXPECT_EQ(program.wait(), 128 + signal);
    EXPECT_THAT(program.seen(), EndsWith(show_cursor));
  }
}

TEST_P(CliWatch, SaysWhenTheTreeIsForgotten) {
  terminal_program program = watch_on_terminal(24, 100);
  ASSERT_TRUE(program.wait_for("epoch"));
  tree_.put(detail::write::what::drop_family, live_, {});
  EXPECT_EQ(program.wait(), 3);
  EXPECT_THAT(program.seen(), HasSubstr("is gone"));
}

BANYAN_OVER_SHARED_STORES(CliWatch);

}  // namespace
}  // namespace banyan::test
