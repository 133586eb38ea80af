#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "persistence/redis_reader.hpp"

namespace banyan::detail {

/// The right of one runtime to drive the trees under its name: a key that expires unless it is renewed, which a thread
/// of its own does. A holder on this machine that is dead is known to be so and not waited for.
class redis_lease {
 public:
  static constexpr std::chrono::milliseconds length{5000};

  /// Takes the lease, after waiting for one that nobody renews any more. Throws `error`: `store_busy` that names the
  /// holder, and what the store throws. `holder` is told to others.
  redis_lease(redis_caller& caller, const redis_layout& layout, const redis_scripts& scripts, std::string store_name,
              std::string_view holder);
  ~redis_lease();
  redis_lease(const redis_lease&) = delete;
  redis_lease& operator=(const redis_lease&) = delete;

  /// Throws `error`: `store_busy` when somebody else has it, `store_corrupt` when somebody has deleted everything.
  void expect_held() const;
  /// True when a runtime of this name is alive.
  static bool held(redis_caller& caller, const redis_layout& layout, std::string_view name);

 private:
  bool take();
  void take_or_throw();
  void keep();
  void renew();

  redis_caller& caller_;
  const redis_scripts& scripts_;
  const std::string store_name_;
  const std::string name_;  ///< of the runtime
  const std::string key_;
  const std::string layout_key_;
  const std::string value_;  ///< ours
  std::atomic<bool> lost_{false};
  std::atomic<bool> emptied_{false};
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace banyan::detail
