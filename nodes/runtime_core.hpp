#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <banyan/runtime.hpp>

#include "persistence/membership.hpp"

namespace banyan::detail {

class engine;
class node;

/// What is inside a runtime: the engine, and in a cluster what makes it a node. A node that lost its lease is given up,
/// and another one begins in its place, as if the process had been killed and started again. Thread-safe.
class runtime_core {
 public:
  /// Throws as `runtime`'s constructor.
  runtime_core(runtime_options options, void* actor_system);
  ~runtime_core();
  runtime_core(const runtime_core&) = delete;
  runtime_core& operator=(const runtime_core&) = delete;

  /// The one that drives now.
  std::shared_ptr<banyan::detail::engine> engine() const;
  /// True of this node too.
  bool connected_to(incarnation_id other) const;
  void shutdown();

 private:
  struct session {
    std::shared_ptr<banyan::detail::engine> engine;
    std::unique_ptr<banyan::detail::node> node;
  };

  session begin(std::uint32_t id);
  void begin_anew();
  bool wait_until_fenced();
  void watch();
  static void close(session& s, bool in_good_order, std::chrono::milliseconds grace);

  const runtime_options options_;
  void* const actor_system_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  session current_;
  bool fenced_ = false;
  bool over_ = false;
  std::once_flag shut_down_;
  std::vector<std::thread> endings_;  ///< of sessions that were given up
  std::thread watch_;
};

}  // namespace banyan::detail
