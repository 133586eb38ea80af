#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace banyan::test {

/// A program that is told what to do by lines and answers by lines. What it says of errors goes where the test's does.
/// It is killed at the latest when this goes.
class talking_program {
 public:
  explicit talking_program(const std::vector<std::string>& command);
  ~talking_program();
  talking_program(const talking_program&) = delete;
  talking_program& operator=(const talking_program&) = delete;

  void say(const std::string& line) const;
  /// The next line that it says; empty when it says none in time, or no more.
  std::string hear(std::chrono::milliseconds limit = std::chrono::seconds(30));
  void signal(int number) const;
  /// Kills it where it stands and waits until it is gone. Idempotent.
  void kill();
  /// Ends its input and waits for its end. Its exit code; -1 when it does not end in time, or was killed.
  int end(std::chrono::milliseconds limit = std::chrono::seconds(30));
  pid_t pid() const { return pid_; }

 private:
  int reap(int options);

  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string heard_;
};

}  // namespace banyan::test
