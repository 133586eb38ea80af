#include "tests/support/talking_program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <utility>

#include "tests/support/wait_until.hpp"

namespace banyan::test {

talking_program::talking_program(const std::vector<std::string>& command) {
  // What it reads after its end is no reason for the test to end.
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(out[1], STDOUT_FILENO);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  in_ = in[1];
  out_ = out[0];
}

talking_program::~talking_program() {
  kill();
  if (in_ >= 0) ::close(in_);
  ::close(out_);
}

void talking_program::say(const std::string& line) const {
  const std::string text = line + "\n";
  static_cast<void>(::write(in_, text.data(), text.size()));
}

std::string talking_program::hear(std::chrono::milliseconds limit) {
  const auto give_up = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (const std::size_t end = heard_.find('\n'); end != std::string::npos) {
      std::string line = heard_.substr(0, end);
      heard_.erase(0, end + 1);
      return line;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(give_up - std::chrono::steady_clock::now());
    pollfd ready{out_, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return {};
    std::array<char, 4096> buffer{};
    const ssize_t n = ::read(out_, buffer.data(), buffer.size());
    if (n <= 0) return {};
    heard_.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

void talking_program::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

int talking_program::reap(int options) {
  int status = 0;
  if (::waitpid(pid_, &status, options) != pid_) return -2;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void talking_program::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  reap(0);
}

int talking_program::end(std::chrono::milliseconds limit) {
  if (in_ >= 0) ::close(std::exchange(in_, -1));
  int code = -2;
  if (pid_ < 0 || !wait_until([&] { return (code = reap(WNOHANG)) != -2; }, limit)) return -1;
  return code;
}

}  // namespace banyan::test
