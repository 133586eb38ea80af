#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "persistence/redis_servers.hpp"

namespace banyan::detail {

/// Hears at once, by publish and subscribe, that somebody has left a notice. No more than a hint: one may be lost, and
/// where there is no connection none come. `stop` is thread-safe.
class redis_hints {
 public:
  redis_hints(redis_servers& servers, std::vector<std::string> channels);
  ~redis_hints();
  redis_hints(const redis_hints&) = delete;
  redis_hints& operator=(const redis_hints&) = delete;

  /// Waits for a hint, at most for so long, for a second where none can come, and not at all after `stop`.
  void wait(std::chrono::milliseconds longest);
  void stop();

 private:
  void subscribe();

  redis_servers& servers_;
  const std::vector<std::string> channels_;
  const int stop_;  ///< an eventfd
  std::unique_ptr<redis_connection> connection_;
  std::chrono::steady_clock::time_point next_try_;
};

}  // namespace banyan::detail
