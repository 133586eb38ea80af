#include "persistence/redis_hints.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

constexpr std::chrono::milliseconds between_tries{1000};

}  // namespace

redis_hints::redis_hints(redis_servers& servers, std::vector<std::string> channels)
    : servers_(servers), channels_(std::move(channels)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (stop_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

redis_hints::~redis_hints() { ::close(stop_); }

void redis_hints::wait(std::chrono::milliseconds longest) {
  if (!connection_) subscribe();
  if (!connection_) longest = std::min(longest, between_tries);
  std::array<pollfd, 2> watched{{{stop_, POLLIN, 0}, {connection_ ? connection_->descriptor() : -1, POLLIN, 0}}};
  ::poll(watched.data(), watched.size(), static_cast<int>(longest.count()));
  if (watched[1].revents == 0) return;
  try {
    // All that has come: one hint is as good as many.
    connection_->receive();
    while (connection_->take_buffered()) {
    }
  } catch (const error&) {
    connection_.reset();
  }
}

void redis_hints::subscribe() {
  if (std::chrono::steady_clock::now() < next_try_) return;
  try {
    auto c = servers_.connect(servers_.place_of(channels_.front()));
    redis_commands all;
    for (const std::string& channel : channels_) all.add({"SUBSCRIBE", channel});
    c->send(all);
    for (std::size_t i = 0; i < channels_.size(); ++i) c->expect(*c->receive());
    connection_ = std::move(c);
  } catch (const error&) {
    // Who may not subscribe finds notices by looking.
    next_try_ = std::chrono::steady_clock::now() + between_tries;
  }
}

void redis_hints::stop() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(stop_, &one, sizeof one));
}

}  // namespace banyan::detail
