#include "nodes/config_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include <filesystem>

#include "tests/support/child_process.hpp"

namespace banyan::detail {
namespace {

class ConfigFile : public testing::Test {
 protected:
  runtime_options read(const std::string& text, runtime_options opts = {}) {
    opts.config_file = (dir_.path() / "node.conf").string();
    std::ofstream(opts.config_file) << text;
    return with_config_file(std::move(opts));
  }

  std::string failure_of(const std::string& text) {
    try {
      read(text);
    } catch (const error& e) {
      EXPECT_EQ(e.code(), errc::invalid_argument);
      return e.what();
    }
    return "no error";
  }

  test::temp_dir dir_;
};

TEST_F(ConfigFile, gives_its_values_to_options_that_have_their_defaults) {
  const runtime_options opts = read(
      "[banyan]\nstore=\"sqlite:jobs.db\"\nname=\"one\"\nthreads=3\nretention=2h\n[banyan.limits]\nmax-payload=1024\n");
  EXPECT_EQ(opts.store, "sqlite:jobs.db");
  EXPECT_EQ(opts.name, "one");
  EXPECT_EQ(opts.threads, 3u);
  EXPECT_EQ(opts.retention, std::chrono::hours(2));
  EXPECT_EQ(opts.limits.max_payload, 1024u);
  EXPECT_EQ(opts.limits.max_depth, limits().max_depth);
}

TEST_F(ConfigFile, yields_to_options_given_in_the_program) {
  runtime_options given;
  given.store = "sqlite:mine.db";
  given.threads = 1;
  const runtime_options opts = read("[banyan]\nstore=\"sqlite:jobs.db\"\nthreads=3\n", given);
  EXPECT_EQ(opts.store, "sqlite:mine.db");
  EXPECT_EQ(opts.threads, 1u);
}

TEST_F(ConfigFile, says_which_key_it_does_not_know) {
  const std::string what = failure_of("[banyan]\nstroe=\"sqlite:jobs.db\"\n");
  EXPECT_NE(what.find("banyan.stroe"), std::string::npos) << what;
  EXPECT_NE(what.find("store"), std::string::npos) << what;
}

TEST_F(ConfigFile, says_which_value_is_wrong) {
  EXPECT_NE(failure_of("[banyan]\nthreads=\"many\"\n").find("banyan.threads"), std::string::npos);
  EXPECT_NE(failure_of("[banyan]\nthreads=-1\n").find("banyan.threads"), std::string::npos);
  EXPECT_NE(failure_of("[other]\nthreads=1\n").find("no section banyan"), std::string::npos);
}

TEST_F(ConfigFile, that_is_missing_is_named) {
  runtime_options opts;
  opts.config_file = (dir_.path() / "absent.conf").string();
  EXPECT_THROW(with_config_file(opts), error);
}

}  // namespace
}  // namespace banyan::detail
