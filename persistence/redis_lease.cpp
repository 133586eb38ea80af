#include "persistence/redis_lease.hpp"

#include <unistd.h>

#include <array>
#include <climits>
#include <fstream>
#include <random>
#include <sstream>

#include <banyan/error.hpp>

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

/// What a lease says: a number that no other has, the holder's process, and its words for itself.
struct claim {
  std::string id;
  std::string boot, space;
  std::string pid, start;
  std::string holder;

  std::string str() const { return id + " " + boot + " " + space + " " + pid + " " + start + " " + holder; }

  static claim parse(std::string_view text) {
    claim c;
    std::istringstream words{std::string(text)};
    words >> c.id >> c.boot >> c.space >> c.pid >> c.start;
    words.get();
    std::getline(words, c.holder);
    return c;
  }

  static claim mine(std::string_view holder) {
    std::random_device random;
    std::ostringstream id;
    for (int i = 0; i < 4; ++i) id << std::hex << random();
    const std::string pid = std::to_string(::getpid());
    claim c;
    c.id = id.str();
    std::istringstream words(here());
    words >> c.boot >> c.space;
    c.pid = pid;
    c.start = start_of(pid);
    c.holder = holder;
    return c;
  }

  bool known_dead() const { return boot + " " + space == here() && start_of(pid) != start; }
};

}  // namespace

redis_lease::redis_lease(redis_caller& caller, const redis_layout& layout, const redis_scripts& scripts,
                         std::string store_name, std::string_view holder)
    : caller_(caller),
      scripts_(scripts),
      store_name_(std::move(store_name)),
      name_(layout.driver),
      key_(layout.lease(layout.driver)),
      layout_key_(layout.layout),
      value_(claim::mine(holder).str()) {
  take_or_throw();
  thread_ = std::thread([this] { keep(); });
}

redis_lease::~redis_lease() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    wakes_.notify_all();
  }
  thread_.join();
  try {
    caller_.call(key_, {"EVALSHA", scripts_.name(redis_script::end_lease), "1", key_, value_});
  } catch (const error&) {
    // It expires.
  }
}

bool redis_lease::take() {
  const std::string ms = std::to_string(length.count());
  if (!is_nil(*caller_.call(key_, {"SET", key_, value_, "NX", "PX", ms}))) return true;
  // The answer to an earlier try may have been lost.
  return text_of(*caller_.call(key_, {"GET", key_})) == value_;
}

void redis_lease::take_or_throw() {
  constexpr std::chrono::milliseconds between_looks{100};
  const auto give_up = std::chrono::steady_clock::now() + length + between_looks;
  long long left = LLONG_MAX;
  while (!take()) {
    const redis_reply found = caller_.call(key_, {"GET", key_});
    if (is_nil(*found)) continue;
    const claim theirs = claim::parse(text_of(*found));
    if (theirs.known_dead()) {
      caller_.call(key_, {"EVALSHA", scripts_.name(redis_script::end_lease), "1", key_, text_of(*found)});
      continue;
    }
    const long long now_left = caller_.call(key_, {"PTTL", key_})->integer;
    // Who renews it is alive.
    if (now_left > left || std::chrono::steady_clock::now() >= give_up) {
      throw error(errc::store_busy, store_name_ + ": a runtime named '" + name_ + "' drives it: " + theirs.holder +
                                        " (process " + theirs.pid + "); stop it, or use another name");
    }
    left = now_left;
    std::this_thread::sleep_for(between_looks);
  }
}

void redis_lease::keep() {
  std::unique_lock lock(mutex_);
  while (!wakes_.wait_for(lock, length / 3, [this] { return over_; })) {
    lock.unlock();
    try {
      renew();
    } catch (const error&) {
      // Whoever writes meets the same trouble and says so.
    }
    lock.lock();
  }
}

void redis_lease::renew() {
  const redis_reply holder = caller_.call(
      key_, {"EVALSHA", scripts_.name(redis_script::renew_lease), "1", key_, value_, std::to_string(length.count())});
  if (is_nil(*caller_.call(layout_key_, {"GET", layout_key_}))) emptied_.store(true);
  const bool ours = is_nil(*holder) ? take() : text_of(*holder) == value_;
  lost_.store(!ours);
}

void redis_lease::expect_held() const {
  if (emptied_.load()) {
    throw error(errc::store_corrupt,
                store_name_ + ": its records are gone, somebody has emptied it or it has lost them: start anew");
  }
  if (!lost_.load()) return;
  throw error(errc::store_busy, store_name_ + ": another runtime named '" + name_ +
                                    "' has taken over, because this one could not renew its lease");
}

bool redis_lease::held(redis_caller& caller, const redis_layout& layout, std::string_view name) {
  const std::string key = layout.lease(name);
  const redis_reply found = caller.call(key, {"GET", key});
  return !is_nil(*found) && !claim::parse(text_of(*found)).known_dead();
}

}  // namespace banyan::detail
