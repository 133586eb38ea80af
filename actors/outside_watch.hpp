#pragma once

#include <chrono>
#include <cstddef>
#include <thread>
#include <unordered_map>

#include <banyan/key.hpp>

namespace banyan::detail {

class engine;

/// Looks at what other programs do to the store: results, cancellations, and the results of futures that are waited for
/// here and run elsewhere. A store of this machine is looked at by a timer; one that is reached over a network by a
/// thread that may wait for it.
class outside_watch {
 public:
  explicit outside_watch(engine& owner) : engine_(owner) {}
  ~outside_watch() { stop(); }
  outside_watch(const outside_watch&) = delete;
  outside_watch& operator=(const outside_watch&) = delete;

  void start();
  /// Precondition: the engine is stopping.
  void stop();

 private:
  static constexpr std::chrono::milliseconds interval{200};

  void look_by_timer();
  void look();
  void take_notices();
  void look_elsewhere();

  engine& engine_;
  std::thread thread_;
  std::size_t look_from_ = 0;                                               ///< of those waited for, which one is next
  std::unordered_map<key, std::chrono::steady_clock::time_point> noticed_;  ///< whose result is to come; since when
};

}  // namespace banyan::detail
