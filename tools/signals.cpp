#include "tools/signals.hpp"

#include <csignal>
#include <cstddef>

#include <poll.h>

namespace banyan::tools {
namespace {

constexpr int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr std::size_t signal_count = sizeof ending_signals / sizeof *ending_signals;

volatile std::sig_atomic_t last_signal = 0;
struct sigaction previous[signal_count];

void note_signal(int signal) { last_signal = signal; }

}  // namespace

signal_guard::signal_guard() {
  last_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < signal_count; ++i) sigaction(ending_signals[i], &action, &previous[i]);
}

signal_guard::~signal_guard() {
  for (std::size_t i = 0; i < signal_count; ++i) sigaction(ending_signals[i], &previous[i], nullptr);
}

int signal_guard::received() const { return last_signal; }

void signal_guard::wait(std::chrono::milliseconds d) const {
  // A signal just before the call is seen a wait later.
  if (!last_signal) ::poll(nullptr, 0, static_cast<int>(d.count()));
}

}  // namespace banyan::tools
