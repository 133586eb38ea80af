#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include <banyan/error.hpp>
#include <banyan/key.hpp>
#include <banyan/status.hpp>

#include "actors/motion.hpp"

namespace banyan::detail {

class engine;
class life;

/// What a future leaves in the stores below it.
struct descendants {
  std::uint32_t attempts = 0;  ///< that may have recorded something; 0: none has
  bool passing = false;        ///< some of it is not durable
  bool kept = false;           ///< some of it may have to be kept below what is dropped, and is looked for
};

/// Forgets what nobody needs any more: settled trees, and what is below futures that keep nothing. Thread-safe.
class collector {
 public:
  explicit collector(engine& owner) : engine_(owner) {}
  ~collector() { stop(); }
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  /// Forgets a settled tree. Throws `not_found`, `invalid_argument`.
  void forget(const key& root);
  /// Forgets the trees that settled longer ago. Returns how many.
  std::size_t collect(std::chrono::seconds age);

  /// Collects now and from time to time, on a thread of its own, what is older than `retention`.
  void start(std::chrono::seconds retention);
  std::chrono::seconds retention() const { return retention_; }
  /// Forgets what is below a settled future, as far as it is not to be kept.
  void drop_descendants(const life& l, const descendants& below, status result);
  /// Precondition: the engine is stopping.
  void stop();

 private:
  void forget_in(bool durable, const family_id& root);
  void run();
  void drop_later(const key& k, std::uint32_t attempts);
  void drop_queued();
  void warn(const error& e) const;

  struct settled {
    key future;
    std::uint32_t attempts;
    motion::token under_way;
  };

  engine& engine_;
  std::chrono::seconds retention_{0};
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::vector<settled> to_drop_;
  std::thread thread_;
};

}  // namespace banyan::detail
