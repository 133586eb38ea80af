#include "nodes/config_file.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_directory.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ConfigFile : public testing::Test {
 protected:
  runtime_options read(const std::string& text, runtime_options opts = {}) {
    std::ofstream(file_) << text;
    opts.config_file = file_;
    return detail::with_config_file(std::move(opts));
  }

  /// The message of the error that this text is; it names the file.
  std::string failure_of(const std::string& text) {
    const error e = thrown_by([&] { read(text); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.message(), HasSubstr(file_));
    return e.message();
  }

  scratch_directory dir_;
  const std::string file_ = (dir_.path() / "node.conf").string();
};

TEST_F(ConfigFile, gives_its_values_to_options_that_have_their_defaults) {
  const runtime_options opts = read(R"(
[banyan]
store = "sqlite:jobs.db"
name = "one"
threads = 3
retention = 2h
[banyan.limits]
max-payload = 1024
max-depth = 8
max-in-flight = 4096
max-crash-recoveries = 2
max-blocking = 7
)");
  EXPECT_EQ(opts.store, "sqlite:jobs.db");
  EXPECT_EQ(opts.name, "one");
  EXPECT_EQ(opts.threads, 3u);
  EXPECT_EQ(opts.retention, std::chrono::hours(2));
  EXPECT_EQ(opts.limits.max_payload, 1024u);
  EXPECT_EQ(opts.limits.max_depth, 8u);
  EXPECT_EQ(opts.limits.max_in_flight, 4096u);
  EXPECT_EQ(opts.limits.max_crash_recoveries, 2u);
  EXPECT_EQ(opts.limits.max_blocking, 7u);
}

TEST_F(ConfigFile, leaves_what_it_does_not_name_at_its_default) {
  const runtime_options opts = read("banyan { limits { max-depth = 8 } }\n");
  EXPECT_EQ(opts.store, runtime_options().store);
  EXPECT_EQ(opts.threads, 0u);
  EXPECT_FALSE(opts.retention);
  EXPECT_EQ(opts.limits.max_depth, 8u);
  EXPECT_EQ(opts.limits.max_payload, limits().max_payload);
}

TEST_F(ConfigFile, yields_to_options_given_in_the_program) {
  const std::string text = "[banyan]\nstore=\"sqlite:jobs.db\"\nname=\"one\"\nthreads=3\nretention=2h\n";
  const runtime_options opts = read(text + "[banyan.limits]\nmax-depth=8\n", {.store = "sqlite:mine.db",
                                                                              .name = "two",
                                                                              .threads = 1,
                                                                              .retention = std::chrono::hours(1),
                                                                              .limits = {.max_depth = 9}});
  EXPECT_EQ(opts.store, "sqlite:mine.db");
  EXPECT_EQ(opts.name, "two");
  EXPECT_EQ(opts.threads, 1u);
  EXPECT_EQ(opts.retention, std::chrono::hours(1));
  EXPECT_EQ(opts.limits.max_depth, 9u);
}

TEST_F(ConfigFile, is_read_where_one_is_named_only) {
  const runtime_options opts = detail::with_config_file({.store = "sqlite:mine.db"});
  EXPECT_EQ(opts.store, "sqlite:mine.db");
}

TEST_F(ConfigFile, may_hold_sections_of_others) {
  EXPECT_EQ(read("[caf.scheduler]\nmax-threads=9\n[banyan]\nthreads=3\n").threads, 3u);
}

TEST_F(ConfigFile, says_which_key_it_does_not_know_and_which_it_knows) {
  EXPECT_THAT(
      failure_of("[banyan]\nstroe=\"sqlite:jobs.db\"\n"),
      AllOf(HasSubstr("banyan.stroe"), HasSubstr("known are store, name, threads, retention, queues, roles, listen")));
  EXPECT_THAT(failure_of("[banyan.limits]\nmax-dept=8\n"),
              AllOf(HasSubstr("banyan.limits.max-dept"), HasSubstr("max-depth")));
}

TEST_F(ConfigFile, says_what_a_key_takes_that_has_something_else) {
  EXPECT_THAT(failure_of("[banyan]\nstore=3\n"), HasSubstr("banyan.store takes a text in quotes"));
  EXPECT_THAT(failure_of("[banyan]\nname=[1]\n"), HasSubstr("banyan.name takes a text in quotes"));
  EXPECT_THAT(failure_of("[banyan]\nthreads=\"many\"\n"), HasSubstr("banyan.threads takes a whole number"));
  EXPECT_THAT(failure_of("[banyan]\nretention=3\n"), HasSubstr("banyan.retention takes a duration"));
  EXPECT_THAT(failure_of("[banyan]\nlimits=3\n"), HasSubstr("banyan.limits takes a section"));
  EXPECT_THAT(failure_of("[banyan.limits]\nmax-payload=1.5\n"),
              HasSubstr("banyan.limits.max-payload takes a whole number"));
}

TEST_F(ConfigFile, says_which_numbers_a_key_takes_that_has_another) {
  for (const std::string number : {"0", "-1", "4097", "4294967296"}) {
    EXPECT_THAT(failure_of("[banyan]\nthreads=" + number + "\n"),
                HasSubstr("banyan.threads takes a whole number from 1 to 4096"));
  }
  EXPECT_EQ(read("[banyan]\nthreads=4096\n").threads, 4096u);
  EXPECT_THAT(failure_of("[banyan]\nretention=-2h\n"), HasSubstr("banyan.retention takes a duration"));
}

TEST_F(ConfigFile, says_in_which_line_it_cannot_be_read) {
  EXPECT_THAT(failure_of("[banyan]\nthreads=3\n???\n"), HasSubstr("line 3"));
  EXPECT_THAT(failure_of("[banyan\nthreads=3\n"), HasSubstr("line 2"));
}

TEST_F(ConfigFile, says_in_which_line_a_key_is_wrong) {
  EXPECT_THAT(failure_of("; ours\n[banyan]\n\nthreads=0\n"), HasSubstr("line 4: banyan.threads"));
  EXPECT_THAT(failure_of("[banyan]\nlimits {\n  max-dept=8\n}\n"),
              HasSubstr("line 3: unknown key banyan.limits.max-dept"));
}

TEST_F(ConfigFile, says_what_was_expected_where_it_cannot_be_read) {
  EXPECT_THAT(failure_of("[banyan]\nstore=sqlite:jobs.db\n"),
              AllOf(HasSubstr("line 2"), HasSubstr("banyan.store takes a text in quotes")));
}

TEST_F(ConfigFile, must_not_give_a_key_twice) {
  EXPECT_THAT(failure_of("[banyan]\nthreads=3\nthreads=4\n"),
              HasSubstr("line 3: banyan.threads is given already in line 2"));
  EXPECT_THAT(failure_of("[banyan]\nlimits { max-depth=3 }\n[banyan.limits]\nmax-payload=4\n"),
              HasSubstr("line 3: banyan.limits is given already in line 2"));
}

TEST_F(ConfigFile, has_to_have_a_section_of_ours) {
  EXPECT_THAT(failure_of(""), HasSubstr("no section banyan"));
  EXPECT_THAT(failure_of("[other]\nthreads=1\n"), HasSubstr("no section banyan"));
  EXPECT_THAT(failure_of("banyan=3\n"), HasSubstr("banyan is no section"));
}

TEST_F(ConfigFile, that_is_missing_is_named) {
  const error e = thrown_by([&] { detail::with_config_file({.config_file = file_}); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), AllOf(HasSubstr(file_), HasSubstr("cannot be opened")));
}

}  // namespace
}  // namespace banyan::test
