#include "tests/support/child_process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace banyan::test {
namespace {

[[noreturn]] void throw_errno(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

[[noreturn]] void run(const std::function<std::string()>& body, int out) {
  std::string answer;
  try {
    answer = body();
  } catch (const std::exception& e) {
    answer = std::string("threw ") + e.what();
  }
  for (std::string_view rest = answer; !rest.empty();) {
    const ssize_t n = ::write(out, rest.data(), rest.size());
    if (n <= 0) break;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  // Not exit: what the test has registered is the parent's to clean up.
  _exit(0);
}

std::string read_all(int in) {
  std::string text;
  char part[4096];
  for (ssize_t n; (n = ::read(in, part, sizeof part)) != 0;) {
    if (n < 0 && errno != EINTR) throw_errno("read");
    if (n > 0) text.append(part, static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) throw_errno("pipe");
  const pid_t child = fork();
  if (child < 0) throw_errno("fork");
  if (child == 0) {
    ::close(ends[0]);
    run(body, ends[1]);
  }
  ::close(ends[1]);
  std::string answer = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw_errno("waitpid");
  }
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return answer;
}

std::string in_child_without_rights(const std::function<std::string()>& body) {
  return in_child([&]() -> std::string {
    constexpr unsigned nobody = 65534;
    if (geteuid() == 0 && (setgid(nobody) != 0 || setuid(nobody) != 0)) throw_errno("setuid");
    return body();
  });
}

}  // namespace banyan::test
