#include "tests/support/run_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace banyan::test {
namespace {

/// How long a program may take to say what a test waits for.
constexpr int patience_ms = 10'000;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

[[noreturn]] void become(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  for (const std::string& setting : environment) ::putenv(const_cast<char*>(setting.c_str()));
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

int exit_code_of(pid_t pid) {
  int state = 0;
  while (::waitpid(pid, &state, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

/// A pipe that a child's output comes through.
struct pipe_ends {
  pipe_ends() {
    if (::pipe2(fd.data(), O_CLOEXEC) != 0) fail("pipe2");
  }
  std::array<int, 2> fd{};
};

}  // namespace

program_end run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  return piped_program(command, environment).wait();
}

piped_program::piped_program(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  const pipe_ends out;
  const pipe_ends err;
  pid_ = ::fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    ::dup2(out.fd[1], STDOUT_FILENO);
    ::dup2(err.fd[1], STDERR_FILENO);
    become(command, environment);
  }
  ::close(out.fd[1]);
  ::close(err.fd[1]);
  ends_ = {out.fd[0], err.fd[0]};
}

piped_program::~piped_program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    exit_code_of(pid_);
  }
  for (const int end : ends_) {
    if (end >= 0) ::close(end);
  }
}

bool piped_program::read_some(int patience_ms) {
  std::array<pollfd, 2> ready{pollfd{ends_[0], POLLIN, 0}, pollfd{ends_[1], POLLIN, 0}};
  const std::array<std::string*, 2> texts{&end_.out, &end_.err};
  if (ends_[0] < 0 && ends_[1] < 0) return false;
  if (const int n = ::poll(ready.data(), ready.size(), patience_ms); n <= 0) return n < 0 && errno == EINTR;
  std::array<char, 65536> buffer;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (ready[i].revents == 0) continue;
    const ssize_t n = ::read(ends_[i], buffer.data(), buffer.size());
    if (n > 0) {
      texts[i]->append(buffer.data(), static_cast<std::size_t>(n));
    } else {
      ::close(std::exchange(ends_[i], -1));
    }
  }
  return true;
}

bool piped_program::wait_for(const std::string& text) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (end_.out.find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > give_up || !read_some(patience_ms)) return false;
  }
  return true;
}

void piped_program::send(int signal) const { ::kill(pid_, signal); }

program_end piped_program::wait() {
  constexpr int for_ever = -1;
  while (read_some(for_ever)) {
  }
  end_.code = exit_code_of(std::exchange(pid_, -1));
  return std::move(end_);
}

terminal_program::terminal_program(const std::vector<std::string>& command, unsigned short rows,
                                   unsigned short columns) {
  const winsize size{rows, columns, 0, 0};
  pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) fail("forkpty");
  if (pid_ == 0) become(command, {"TERM=xterm"});
}

terminal_program::~terminal_program() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    exit_code_of(pid_);
  }
  ::close(terminal_);
}

bool terminal_program::read_some() {
  pollfd end{terminal_, POLLIN, 0};
  if (::poll(&end, 1, patience_ms) <= 0) return false;
  std::array<char, 4096> buffer;
  const ssize_t n = ::read(terminal_, buffer.data(), buffer.size());
  // A terminal whose program is gone gives an error, not an end.
  if (n <= 0) return false;
  seen_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

bool terminal_program::wait_for(const std::string& text) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (seen_.find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > give_up || !read_some()) return false;
  }
  return true;
}

void terminal_program::send(int signal) const { ::kill(pid_, signal); }

int terminal_program::wait() {
  while (read_some()) {
  }
  return exit_code_of(std::exchange(pid_, -1));
}

}  // namespace banyan::test
