#include "nodes/stop_signals.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace banyan::detail {
namespace {

// A mask that keeps signals off all threads would be passed on to the programs that jobs start, which then could not be
// ended. So there is a handler; all it does is to write into a pipe.
int pipe_ends[2] = {-1, -1};
constexpr unsigned char no_more_signals = 0;

void pass_on(int signal) {
  const int kept = errno;
  const auto number = static_cast<unsigned char>(signal);
  [[maybe_unused]] const ssize_t written = write(pipe_ends[1], &number, 1);
  errno = kept;
}

/// The next signal's number.
unsigned char next() {
  unsigned char number = no_more_signals;
  ssize_t n = 0;
  do {
    n = read(pipe_ends[0], &number, 1);
  } while (n < 0 && errno == EINTR);
  return n == 1 ? number : no_more_signals;
}

}  // namespace

stop_signals::stop_signals() {
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  watcher_ = std::thread([this] { watch(); });
  struct sigaction action {};
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, &before_term_);
  sigaction(SIGINT, &action, &before_int_);
}

stop_signals::~stop_signals() {
  sigaction(SIGTERM, &before_term_, nullptr);
  sigaction(SIGINT, &before_int_, nullptr);
  pass_on(no_more_signals);
  watcher_.join();
  for (const int end : pipe_ends) close(end);
}

// Not with a std::future: ThreadSanitizer keeps a signal back until the thread that it came to is in a call that it
// knows.
int stop_signals::wait() {
  std::unique_lock lock(mutex_);
  came_.wait(lock, [this] { return first_.has_value(); });
  return *first_;
}

void stop_signals::watch() {
  constexpr int killed = 128;
  const int first = next();
  if (first == no_more_signals) return;
  {
    const std::lock_guard lock(mutex_);
    first_ = first;
    came_.notify_all();
  }
  if (const int second = next(); second != no_more_signals) _exit(killed + second);
}

}  // namespace banyan::detail
