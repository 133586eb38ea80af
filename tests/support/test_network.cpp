#include "tests/support/test_network.hpp"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "tests/support/run_program.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

constexpr const char* ip = "/usr/sbin/ip";

/// A network of this process that has just gone may still be on its way out.
int made = 0;
int unique() { return static_cast<int>(::getpid()) * 7 + made; }

bool try_ip(std::vector<std::string> words) {
  words.insert(words.begin(), ip);
  return run_program(words).code == 0;
}

void do_ip(const std::vector<std::string>& words) {
  if (try_ip(words)) return;
  std::string text = "ip";
  for (const std::string& w : words) text += " " + w;
  throw std::runtime_error(text + " failed");
}

}  // namespace

bool test_network::available() {
  if (::access(ip, X_OK) != 0 || ::geteuid() != 0) return false;
  const std::string probe = "by" + std::to_string(::getpid()) + "p";
  if (!try_ip({"netns", "add", probe})) return false;
  return try_ip({"netns", "del", probe});
}

test_network::test_network(const std::vector<std::string>& machines)
    : name_("by" + std::to_string(unique() % 1'000'000)),
      prefix_("10." + std::to_string(64 + unique() % 128) + "." + std::to_string(unique() / 128 % 250) + ".") {
  ++made;
  try {
    make(machines);
  } catch (...) {
    remove();
    throw;
  }
}

void test_network::make(const std::vector<std::string>& machines) {
  do_ip({"link", "add", name_, "type", "bridge"});
  do_ip({"addr", "add", here() + "/24", "dev", name_});
  do_ip({"link", "set", name_, "up"});
  int number = 11;
  for (const std::string& machine : machines) {
    numbers_[machine] = number++;
    do_ip({"netns", "add", space(machine)});
    do_ip({"link", "add", cable(machine), "type", "veth", "peer", "name", "eth0", "netns", space(machine)});
    do_ip({"link", "set", cable(machine), "master", name_, "up"});
    do_ip({"-n", space(machine), "addr", "add", address(machine) + "/24", "dev", "eth0"});
    do_ip({"-n", space(machine), "link", "set", "eth0", "up"});
    do_ip({"-n", space(machine), "link", "set", "lo", "up"});
  }
  wait_until_up();
}

/// The kernel opens a link some time after it is set up, and until then loses what is sent.
void test_network::wait_until_up() const {
  const auto is_up = [](std::vector<std::string> link) {
    link.insert(link.begin(), ip);
    return run_program(link).out.find("state UP") != std::string::npos;
  };
  const auto forwards = [](const std::string& cable) {
    constexpr int forwarding = 3;
    int state = 0;
    std::ifstream("/sys/class/net/" + cable + "/brport/state") >> state;
    return state == forwarding;
  };
  bool up = wait_until([&] { return is_up({"link", "show", name_}); });
  for (const auto& [machine, number] : numbers_) {
    up = up && wait_until([&] {
           return is_up({"-n", space(machine), "link", "show", "eth0"}) && forwards(cable(machine));
         });
  }
  if (!up) throw std::runtime_error("the links of a test's network do not come up");
}

test_network::~test_network() { remove(); }

void test_network::remove() const {
  for (const auto& [machine, number] : numbers_) try_ip({"netns", "del", space(machine)});
  try_ip({"link", "del", name_});
}

std::vector<std::string> test_network::on(const std::string& machine, std::vector<std::string> command) const {
  command.insert(command.begin(), {ip, "netns", "exec", space(machine)});
  return command;
}

void test_network::cut(const std::string& from, const std::string& to_address) const {
  do_ip({"-n", space(from), "route", "add", "blackhole", to_address + "/32"});
}

void test_network::heal(const std::string& from, const std::string& to_address) const {
  do_ip({"-n", space(from), "route", "del", "blackhole", to_address + "/32"});
}

}  // namespace banyan::test
