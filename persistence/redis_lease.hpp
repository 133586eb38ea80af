#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "persistence/lease_claim.hpp"
#include "persistence/lease_watch.hpp"
#include "persistence/redis_reader.hpp"
#include "persistence/server_clock.hpp"

namespace banyan::detail {

/// The right of one runtime to drive the trees under its name: a key that expires unless it is renewed, which a thread
/// of its own does. A holder on this machine that is dead is known to be so and not waited for.
class redis_lease {
 public:
  /// Takes the lease, after waiting for one that nobody renews any more. Throws `error`: `store_busy` that names the
  /// holder, `invalid_argument` for a length that is too short, and what the store throws. `holder` is told to others.
  redis_lease(redis_servers& servers, const redis_layout& layout, const redis_scripts& scripts,
              const session_options& session, std::string_view holder);
  ~redis_lease();
  redis_lease(const redis_lease&) = delete;
  redis_lease& operator=(const redis_lease&) = delete;

  /// Throws `error`: `store_fenced` when a fenced session may count on it no more; of others `store_busy` when somebody
  /// else has it; `store_corrupt` when somebody has deleted everything.
  void expect_held() const;
  /// False if it is fenced.
  bool holds() const { return !watch_ || !watch_->over(); }
  /// The first of these alone.
  void expect_not_fenced() const;
  /// A server said that it is not ours: `expect_held`, or else `store_unavailable`.
  [[noreturn]] void refuse();
  /// See `store::on_fenced`.
  void on_fenced(std::function<void()> call);

  std::optional<std::chrono::milliseconds> clock_base() const { return clock_.base(); }

  incarnation_id incarnation() const { return claim_.id; }
  /// What the key holds.
  const std::string& value() const { return value_; }

  /// True when a runtime of this name is alive.
  static bool held(redis_caller& caller, const redis_layout& layout, std::string_view name);
  /// Ends a lease whose value is `found`, if its holder is known to be dead. True if so.
  static bool end_if_dead(redis_caller& caller, const redis_scripts& scripts, const std::string& key,
                          std::string_view found);

 private:
  /// Connections for nothing else; who may be fenced waits on them for no longer than its lease allows.
  struct line {
    explicit line(redis_settings s) : servers(std::move(s)), caller(servers) {}
    redis_servers servers;
    redis_caller caller;
  };

  static redis_settings settings_of(redis_settings s, const session_options& session);
  void take_or_throw();
  bool take();
  void keep();
  void renew();

  const std::chrono::milliseconds length_;
  line line_;
  const redis_scripts& scripts_;
  const std::string store_name_;
  const std::string name_;  ///< of the runtime
  const std::string key_;
  const std::string layout_key_;
  const lease_claim claim_;
  const std::string value_;
  server_clock clock_;
  std::atomic<bool> lost_{false};
  std::atomic<bool> emptied_{false};
  boot_clock::time_point asked_;      ///< the moment before it was taken
  std::optional<lease_watch> watch_;  ///< of a fenced session
  std::mutex mutex_;
  std::condition_variable wakes_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace banyan::detail
