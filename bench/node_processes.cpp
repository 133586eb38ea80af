#include "bench/node_processes.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bench/workloads.hpp"

namespace bench {
namespace {

using namespace std::chrono_literals;

double cpu_seconds_of(pid_t p) {
  std::ifstream file("/proc/" + std::to_string(p) + "/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  constexpr int fields_before = 11;
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < fields_before; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

banyan::runtime_options node_options_of(const std::string& store, int number) {
  banyan::runtime_options o{.store = store, .name = "bench-" + std::to_string(number), .threads = 2};
  o.limits.max_blocking = 50;
  o.node.listen = "127.0.0.1:0";
  return o;
}

node_processes::node_processes(const std::string& store, int count, const std::function<void(banyan::runtime&)>& job) {
  for (int i = 1; i <= count; ++i) start(store, i, job);
}

void node_processes::start(const std::string& store, int number, const std::function<void(banyan::runtime&)>& job) {
  const pid_t p = ::fork();
  if (p != 0) {
    processes_.push_back(p);
    return;
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  banyan::runtime rt{node_options_of(store, number)};
  if (job) job(rt);
  for (;;) ::pause();
}

void node_processes::signal(int number) const {
  for (const pid_t p : processes_) ::kill(p, number);
}

void node_processes::kill() {
  signal(SIGKILL);
  for (const pid_t p : std::exchange(processes_, {})) ::waitpid(p, nullptr, 0);
}

double node_processes::cpu_seconds() const {
  double sum = 0;
  for (const pid_t p : processes_) sum += cpu_seconds_of(p);
  return sum;
}

std::size_t node_processes::resident_bytes() const {
  std::size_t sum = 0;
  for (const pid_t p : processes_) sum += bench::resident_bytes(std::to_string(p));
  return sum;
}

void wait_for(const std::string& what, const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > give_up) throw std::runtime_error("too long: " + what);
    std::this_thread::sleep_for(2ms);
  }
}

void await_nodes(banyan::runtime& rt, int count) {
  wait_for("the nodes find each other", [&] {
    const auto nodes = rt.nodes();
    return std::ranges::count_if(nodes, &banyan::node_info::connected) == count;
  });
}

bool is_alive(banyan::runtime& rt, const std::string& name) {
  const auto nodes = rt.nodes();
  return std::ranges::any_of(nodes, [&](const banyan::node_info& n) { return n.name == name && n.alive; });
}

}  // namespace bench
