#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace banyan::test {

/// A program that runs while the test does something else; killed at the end. What it says is not read.
class background_program {
 public:
  explicit background_program(const std::vector<std::string>& command);
  ~background_program();
  background_program(const background_program&) = delete;
  background_program& operator=(const background_program&) = delete;

  /// Waits for its end, at most `limit`. True: it has ended by itself.
  bool ends_within(std::chrono::microseconds limit);
  /// Kills it where it stands, if it still does, and waits until it is gone.
  void kill();

 private:
  pid_t pid_ = -1;
  int handle_ = -1;
};

}  // namespace banyan::test
