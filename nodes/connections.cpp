#include "nodes/connections.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>

namespace banyan::detail {
namespace {

std::string name_of(int file, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (ask(file, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return {reinterpret_cast<const char*>(&address), size};
}

/// Both ends of a TCP connection, which no other that is open has; empty: it is none.
std::string ends_of(int file) {
  const std::string here = name_of(file, ::getsockname);
  const std::string there = name_of(file, ::getpeername);
  const auto family = here.empty() ? AF_UNSPEC : reinterpret_cast<const sockaddr*>(here.data())->sa_family;
  if (there.empty() || (family != AF_INET && family != AF_INET6)) return {};
  return here + there;
}

/// All TCP connections of this process: the numbers of their files by their ends.
std::map<std::string, int> all_open() {
  std::map<std::string, int> found;
  std::error_code none_listed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", none_listed)) {
    const std::string name = entry.path().filename();
    int file = -1;
    std::from_chars(name.data(), name.data() + name.size(), file);
    if (std::string ends = ends_of(file); !ends.empty()) found.emplace(std::move(ends), file);
  }
  return found;
}

}  // namespace

struct connections::remembered {
  std::mutex mutex;
  std::set<std::string> ends;
  std::size_t look_again_at = 64;

  /// Those that have ended since are forgotten, now and then.
  void tidy() {
    if (ends.size() < look_again_at) return;
    const auto open = all_open();
    std::erase_if(ends, [&](const std::string& e) { return !open.contains(e); });
    look_again_at = 2 * ends.size() + 64;
  }
};

connections::connections(std::chrono::milliseconds silence)
    : silence_(silence), known_(std::make_shared<remembered>()) {}

connections::~connections() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void connections::note(::caf::actor_system& system) const {
  const auto limit = static_cast<unsigned>(silence_.count());
  // Their numbers are those of files only where CAF opens and closes them.
  system.middleman().run_later([&system, limit, known = known_] {
    const auto hub = system.middleman().named_broker<::caf::io::basp_broker>(::caf::atom("BASP"));
    const auto* const broker = static_cast<::caf::io::broker*>(::caf::actor_cast<::caf::abstract_actor*>(hub));
    const std::lock_guard lock(known->mutex);
    known->tidy();
    for (const ::caf::io::connection_handle& c : broker->connections()) {
      const int file = static_cast<int>(c.id());
      if (std::string ends = ends_of(file); !ends.empty() && known->ends.insert(std::move(ends)).second) {
        ::setsockopt(file, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof limit);
      }
    }
  });
}

void connections::end_after(std::chrono::milliseconds grace) {
  thread_ = std::thread([this, grace] {
    constexpr std::chrono::milliseconds between_looks{100};
    std::unique_lock lock(mutex_);
    for (auto pause = grace; !changed_.wait_for(lock, pause, [this] { return over_; }); pause = between_looks) cut();
  });
}

void connections::cut() const {
  const std::lock_guard lock(known_->mutex);
  for (const auto& [ends, file] : all_open()) {
    if (known_->ends.contains(ends)) ::shutdown(file, SHUT_RDWR);
  }
}

}  // namespace banyan::detail
