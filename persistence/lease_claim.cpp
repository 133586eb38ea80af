#include "persistence/lease_claim.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <fstream>
#include <random>
#include <sstream>

namespace banyan::detail {
namespace {

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

/// When a process began, in the kernel's ticks; empty when there is none of this number.
std::string start_of(const std::string& pid) {
  const std::string stat = first_line("/proc/" + pid + "/stat");
  // The name, which may hold anything, ends with the last bracket; the start is the 20th word after it.
  std::istringstream words(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)));
  std::string word;
  for (int i = 0; i < 20; ++i) words >> word;
  return words ? word : std::string();
}

std::string link_of(const char* file) {
  std::array<char, PATH_MAX> text;
  const ssize_t n = ::readlink(file, text.data(), text.size());
  return n < 0 ? std::string("?") : std::string(text.data(), static_cast<std::size_t>(n));
}

/// Where process numbers mean what they mean here: this boot of this machine, and this namespace.
std::string here() { return first_line("/proc/sys/kernel/random/boot_id") + " " + link_of("/proc/self/ns/pid"); }

incarnation_id random_id() {
  std::random_device random;
  constexpr int half = 32;
  incarnation_id id = 0;
  while (id == 0) id = incarnation_id{random()} << half | random();
  return id;
}

}  // namespace

std::string lease_claim::str() const {
  return incarnation_text(id) + " " + boot + " " + space + " " + pid + " " + start + " " + holder;
}

lease_claim lease_claim::parse(std::string_view text) {
  lease_claim c;
  std::string id;
  std::istringstream words{std::string(text)};
  words >> id >> c.boot >> c.space >> c.pid >> c.start;
  words.get();
  std::getline(words, c.holder);
  c.id = incarnation_in(id).value_or(0);
  return c;
}

lease_claim lease_claim::mine(std::string_view holder) {
  lease_claim c;
  c.id = random_id();
  std::istringstream words(here());
  words >> c.boot >> c.space;
  c.pid = std::to_string(::getpid());
  c.start = start_of(c.pid);
  c.holder = holder;
  return c;
}

bool lease_claim::known_dead() const { return boot + " " + space == here() && start_of(pid) != start; }

}  // namespace banyan::detail
