#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <vector>

#include "actors/life.hpp"
#include "actors/records.hpp"

namespace banyan::detail {

class engine;

/// The gauge of a future, as it is recorded.
gauge_record gauge_of(const life& l, millis now);

/// Carries gauges up the tree and into the store, so that work itself never waits for them: what changed is looked
/// at ten times a second, and recorded once a second. Thread-safe.
class gauge_writer {
 public:
  explicit gauge_writer(engine& owner) : engine_(owner) {}

  /// The future's gauge may have changed.
  void touch(const life_ptr& l);
  /// One look at all that was touched. Called by one thread, every `interval`.
  void tick();

  static constexpr std::chrono::milliseconds interval{100};

 private:
  static constexpr millis store_interval_ms = 1000;
  static constexpr millis unseen_ms = 500;  ///< what runs for longer is recorded as running

  bool look(const life_ptr& l, millis now);
  void find_long_runners(millis now);

  engine& engine_;
  std::mutex mutex_;
  std::vector<life_ptr> touched_;
};

}  // namespace banyan::detail
