#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/run_program.hpp"

namespace banyan::test {
namespace {

struct job {
  const char* name;
  const char* result;
};

/// Jobs in the language of futures that are killed at each commit to their store in turn: before it, halfway, after it.
class P4_language : public testing::TestWithParam<std::tuple<job, std::string, std::string>> {
 protected:
  void SetUp() override {
    if (std::get<1>(GetParam()) == "redis") BANYAN_NEEDS_REDIS();
  }

  program_end run(const std::string& job, const std::string& fault) const {
    return run_program({LANGUAGE_JOB, "fault+" + place_.url() + "?" + fault, job, source_});
  }

  /// Makes what the jobs that map something outside are to find.
  void make_source(const std::string& job) {
    if (job == "map_lines") {
      source_ = place_.file("lines");
      std::ofstream out(source_);
      for (int i = 0; i < 30; ++i) out << i << '\n';
    } else if (job == "map_entries") {
      source_ = place_.file("entries");
      std::filesystem::create_directories(source_ + "/d");
      for (int i = 10; i < 40; ++i) std::ofstream(source_ + "/d/" + std::to_string(i));
    } else if (job == "map_fields") {
      BANYAN_NEEDS_REDIS();
      redis_.emplace();
      source_ = redis_->url();
      for (int i = 0; i < 30; ++i) redis_->ask({"HSET", "h", "field " + std::to_string(i), std::to_string(i)});
    }
  }

  const store_place place_{std::get<1>(GetParam())};
  std::optional<redis_server> redis_;
  std::string source_;
};

TEST_P(P4_language, is_killed_at_any_step_and_goes_on) {
  const auto& [job, scheme, when] = GetParam();
  make_source(job.name);
  if (IsSkipped()) return;
  constexpr int most = 600;
  int n = 1;
  program_end end;
  do {
    end = run(job.name, when + "=" + std::to_string(n));
    ASSERT_TRUE(end.code == 0 || end.code == 128 + SIGKILL) << when << " " << n << ": " << end.code << " " << end.err;
  } while (end.code != 0 && ++n < most);
  EXPECT_EQ(end.out, job.result + std::string("\n")) << end.err;
  EXPECT_GT(n, 2) << "it was hardly killed";
}

INSTANTIATE_TEST_SUITE_P(
    With, P4_language,
    testing::Combine(testing::Values(job{"as_completed", "25"}, job{"batches", "15"}, job{"wait", "15"},
                                     job{"deadline", "0"}, job{"first_success", "7"}, job{"gather", "15"},
                                     job{"timeout", "0"}, job{"compose", "157"}, job{"voids", "84"},
                                     job{"in_place", "22"}, job{"fork", "2"}, job{"post", "9"}, job{"handlers", "436"},
                                     job{"late_handlers", "14"}, job{"retry", "16"}, job{"children_handlers", "130"},
                                     job{"map", "1780"}, job{"map_count", "1780"}, job{"map_items", "30"},
                                     job{"map_lines", "30"}, job{"map_entries", "30"}, job{"map_fields", "435"},
                                     job{"signals", "12344"}, job{"start_times", "132"}, job{"queue", "70"},
                                     job{"debounce", "11"}, job{"every", "3"}, job{"every_queued", "3"},
                                     job{"adopt", "1331"}, job{"adopt_retry", "1140"}, job{"budget", "2009"}),
                     testing::Values("sqlite", "redis"),
                     testing::Values("crash_before", "crash_during", "crash_after")),
    [](const auto& i) {
      return std::string(std::get<0>(i.param).name) + "_" + std::get<1>(i.param) + "_" + std::get<2>(i.param);
    });

}  // namespace
}  // namespace banyan::test
