#include "tests/support/run_program.hpp"

#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace banyan::test {
namespace {

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
    if (::pipe(fd.data()) != 0) fail("pipe");
  }
  std::array<int, 2> fd{};
};

void read_both(std::array<pollfd, 2> ends, std::array<std::string*, 2> texts) {
  std::array<char, 65536> buffer;
  for (int open = 2; open > 0;) {
    if (::poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR) fail("poll");
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      const ssize_t n = ::read(ends[i].fd, buffer.data(), buffer.size());
      if (n > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(n));
      } else {
        ::close(ends[i].fd);
        ends[i].fd = -1;
        --open;
      }
    }
  }
}

}  // namespace

program_end run_program(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
  const pipe_ends out;
  const pipe_ends err;
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ::dup2(out.fd[1], STDOUT_FILENO);
    ::dup2(err.fd[1], STDERR_FILENO);
    for (const int fd : {out.fd[0], out.fd[1], err.fd[0], err.fd[1]}) ::close(fd);
    become(command, environment);
  }
  ::close(out.fd[1]);
  ::close(err.fd[1]);
  program_end end;
  read_both({pollfd{out.fd[0], POLLIN, 0}, pollfd{err.fd[0], POLLIN, 0}}, {&end.out, &end.err});
  end.code = exit_code_of(pid);
  return end;
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
  constexpr int patience_ms = 10'000;
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
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (seen_.find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > give_up || !read_some()) return false;
  }
  return true;
}

void terminal_program::send(int signal) const { ::kill(pid_, signal); }

int terminal_program::wait() {
  while (read_some()) {
  }
  const int code = exit_code_of(pid_);
  pid_ = -1;
  return code;
}

}  // namespace banyan::test
