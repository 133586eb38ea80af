#include "examples/wordtree/interrupt.hpp"

#include <csignal>
#include <initializer_list>

#include <unistd.h>

namespace wordtree {
namespace {

volatile std::sig_atomic_t caught = 0;
volatile std::sig_atomic_t cursor_hidden = 0;

void on_signal(int number) {
  if (caught == 0) {
    caught = number;
    return;
  }
  if (cursor_hidden) {
    constexpr char show_cursor[] = "\x1b[?25h";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, show_cursor, sizeof show_cursor - 1);
  }
  std::signal(number, SIG_DFL);
  std::raise(number);
}

}  // namespace

void catch_interrupts() {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    if (action.sa_handler == SIG_IGN) continue;  // as under nohup
    action = {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, nullptr);
  }
}

int interrupted_by() { return caught; }

void restore_cursor_when_killed(bool on) { cursor_hidden = on; }

}  // namespace wordtree
