#pragma once

#include <array>
#include <string>
#include <vector>

#include <sys/types.h>

namespace banyan::test {

/// What became of a program.
struct program_end {
  int code = -1;  ///< of its exit; 128 plus the signal that killed it
  std::string out;
  std::string err;
};

/// Runs a program to its end. `environment` adds to this process's own, as NAME=VALUE.
program_end run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment = {});

/// A program whose output comes through pipes. It is killed at the latest when this goes.
class piped_program {
 public:
  explicit piped_program(const std::vector<std::string>& command, const std::vector<std::string>& environment = {});
  ~piped_program();
  piped_program(const piped_program&) = delete;
  piped_program& operator=(const piped_program&) = delete;

  /// Reads until `text` has come on its standard output, the program ended, or ten seconds went by. True: it came.
  bool wait_for(const std::string& text);
  void send(int signal) const;
  /// Reads on to the program's end.
  program_end wait();

 private:
  bool read_some(int patience_ms);

  std::array<int, 2> ends_{-1, -1};
  pid_t pid_ = -1;
  program_end end_;
};

/// A program on a terminal of its own.
class terminal_program {
 public:
  terminal_program(const std::vector<std::string>& command, unsigned short rows, unsigned short columns);
  ~terminal_program();
  terminal_program(const terminal_program&) = delete;
  terminal_program& operator=(const terminal_program&) = delete;

  /// Reads until `text` has come, the program ended, or ten seconds went by. True: it came.
  bool wait_for(const std::string& text);
  /// What has come so far.
  const std::string& seen() const { return seen_; }
  void send(int signal) const;
  /// Reads on to the program's end. Its exit code as in `program_end`.
  int wait();

 private:
  bool read_some();

  int terminal_ = -1;
  pid_t pid_ = -1;
  std::string seen_;
};

}  // namespace banyan::test
