#include "persistence/running_marks.hpp"

#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include <banyan/error.hpp>

#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"

namespace banyan::test {
namespace {

using detail::running_marks;

constexpr key somebody{{1, 2}, 3};
constexpr key other{{1, 2}, 4};

class RunningMarks : public testing::Test {
 protected:
  std::string file() const { return (scratch_.path() / "marks").string(); }
  std::unique_ptr<running_marks> open() const { return std::make_unique<running_marks>(file(), "a store"); }
  /// A process that dies while the code of `who` runs.
  void die_in(const std::vector<key>& who) const {
    in_child([&]() -> std::string {
      auto* const marks = open().release();
      std::vector<running_marks::mark> running;
      for (const key& k : who) running.emplace_back(marks, k);
      std::_Exit(1);
    });
  }
  std::uint32_t deaths(const key& who) const { return open()->deaths(who); }

  scratch_directory scratch_;
};

TEST_F(RunningMarks, count_the_deaths_of_the_process_at_which_code_was_running) {
  EXPECT_EQ(deaths(somebody), 0);
  for (std::uint32_t n = 1; n < 5; ++n) {
    die_in({somebody});
    EXPECT_EQ(deaths(somebody), n);
    EXPECT_EQ(deaths(somebody), n) << "to look is no death";
  }
  EXPECT_EQ(deaths(other), 0);
}

TEST_F(RunningMarks, do_not_count_what_had_come_to_an_end) {
  die_in({somebody});
  in_child([&]() -> std::string {
    auto* const marks = open().release();
    const running_marks::mark waits(marks, other);
    { const running_marks::mark ended(marks, somebody); }
    { const running_marks::mark ended(marks, {{7, 7}, 7}); }
    std::_Exit(1);
  });
  const auto marks = open();
  EXPECT_EQ(marks->deaths(somebody), 1);
  EXPECT_EQ(marks->deaths(other), 1);
  EXPECT_EQ(marks->deaths({{7, 7}, 7}), 0);
}

TEST_F(RunningMarks, begin_anew_for_who_is_absolved) {
  die_in({somebody, other});
  die_in({somebody, other});
  {
    const auto marks = open();
    const running_marks::mark running(marks.get(), somebody);
    marks->absolve(somebody);
    EXPECT_EQ(marks->deaths(somebody), 0);
  }
  EXPECT_EQ(deaths(somebody), 0);
  EXPECT_EQ(deaths(other), 2);
  die_in({somebody});
  EXPECT_EQ(deaths(somebody), 1);
}

TEST_F(RunningMarks, keep_the_count_of_who_is_absolved_while_it_runs_on) {
  die_in({somebody});
  in_child([&]() -> std::string {
    auto* const marks = open().release();
    const running_marks::mark running(marks, somebody);
    marks->absolve(somebody);
    std::_Exit(1);
  });
  EXPECT_EQ(deaths(somebody), 1);
}

TEST_F(RunningMarks, are_forgotten_after_many_processes) {
  die_in({somebody});
  for (std::uint32_t n = 1; n <= running_marks::memory; ++n) EXPECT_EQ(deaths(somebody), 1);
  EXPECT_EQ(deaths(somebody), 0);
}

TEST_F(RunningMarks, say_nothing_of_those_for_whom_there_is_no_room) {
  std::vector<key> crowd;
  for (std::uint64_t i = 0; i < running_marks::capacity + 10; ++i) crowd.push_back({{5, 5}, i});
  die_in(crowd);
  const auto marks = open();
  std::size_t known = 0;
  for (const key& k : crowd) known += marks->deaths(k);
  EXPECT_EQ(known, running_marks::capacity);
  const running_marks::mark unmarked(marks.get(), somebody);
}

TEST_F(RunningMarks, are_made_anew_in_a_file_that_is_something_else) {
  std::ofstream(file()) << std::string(1 << 17, 'x');
  EXPECT_EQ(deaths(somebody), 0);
  die_in({somebody});
  EXPECT_EQ(deaths(somebody), 1);
}

TEST_F(RunningMarks, name_the_file_that_cannot_be_made) {
  try {
    const running_marks marks((scratch_.path() / "missing" / "marks").string(), "a store");
    FAIL() << "there is no such directory";
  } catch (const error& e) {
    EXPECT_EQ(e.code(), errc::store_unavailable);
    EXPECT_THAT(std::string(e.message()), testing::AllOf(testing::HasSubstr("a store"), testing::HasSubstr("missing")));
  }
}

TEST_F(RunningMarks, of_many_threads_do_not_disturb_each_other) {
  die_in({somebody, other});
  auto marks = open();
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&marks, t] {
      for (std::uint64_t i = 0; i < 10'000; ++i) {
        const running_marks::mark fresh(marks.get(), {{t + 10, 0}, i});
        const running_marks::mark suspect(marks.get(), t == 0 ? somebody : key{{t, 1}, 0});
        if (t == 1 && i == 5'000) marks->absolve(somebody);
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(marks->deaths(somebody), 0);
  EXPECT_EQ(marks->deaths(other), 1);
  marks.reset();
  std::vector<key> crowd;
  for (std::uint64_t i = 0; i < running_marks::capacity - 1; ++i) crowd.push_back({{9, 9}, i});
  die_in(crowd);
  marks = open();
  for (const key& k : crowd) EXPECT_EQ(marks->deaths(k), 1) << "a slot was lost";
}

}  // namespace
}  // namespace banyan::test
