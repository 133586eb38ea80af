#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "tests/support/scratch_directory.hpp"

namespace banyan::test {

/// A redis-server of a test's own, on a unix socket in a directory of its own; it ends with this object.
class redis_server {
 public:
  /// True when there is a redis-server to start. Where there is none, a test is to skip itself by
  /// `BANYAN_NEEDS_REDIS`.
  static bool available();

  /// Starts it and waits until it answers. `arguments` are added to its command line. With the file of a sentinel it
  /// is one.
  explicit redis_server(std::vector<std::string> arguments = {"--appendonly", "no"}, std::string sentinel_file = {});
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  std::string socket() const { return (directory_.path() / "redis.sock").string(); }
  std::string url() const { return "redis+unix://" + socket(); }
  pid_t pid() const { return pid_; }
  std::filesystem::path directory() const { return directory_.path(); }

  /// Says a command to it, as its operator would; returns a text, or a number as text. Empty for all other replies.
  std::string ask(const std::vector<std::string>& command) const;

  /// Ends it by SIGKILL.
  void kill();
  /// Starts it again, on what it left in its directory.
  void start();

 private:
  scratch_directory directory_;
  std::vector<std::string> arguments_;
  std::string sentinel_file_;
  pid_t pid_ = -1;
};

}  // namespace banyan::test

/// At home a test without a redis-server is skipped; where tests have to be complete it fails.
#define BANYAN_NEEDS_REDIS()                                                        \
  do {                                                                              \
    if (banyan::test::redis_server::available()) break;                             \
    if (std::getenv("CI")) FAIL() << "no redis-server on this machine: install it"; \
    GTEST_SKIP() << "NO REDIS-SERVER ON THIS MACHINE: NOTHING IS TESTED HERE";      \
  } while (false)
