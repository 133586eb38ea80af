#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include <banyan/error.hpp>
#include <banyan/key.hpp>
#include <banyan/status.hpp>

#include "actors/motion.hpp"

namespace banyan::detail {

class engine;
class life;
class store;

/// What a future leaves in the stores below it.
struct descendants {
  std::uint32_t attempts = 0;  ///< that may have recorded something; 0: none has
  bool passing = false;        ///< some of it is not durable
  bool kept = false;           ///< some of it may have to be kept below what is dropped, and is looked for
  bool handlers = false;       ///< calls of handlers are among it
};

/// Forgets what nobody needs any more: settled trees, and what is below futures that keep nothing. Thread-safe.
class collector {
 public:
  /// `retention`: how long a settled tree is kept whose root says nothing else.
  collector(engine& owner, std::chrono::seconds retention) : engine_(owner), retention_(retention) {}
  ~collector() { stop(); }
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  /// Forgets a settled tree; waits for one that was cancelled until it is settled. Throws `not_found`,
  /// `invalid_argument`.
  void forget(const key& root);
  /// Forgets the trees that settled so long ago; nothing: those whose retention is over. Returns how many.
  std::size_t collect(std::optional<std::chrono::seconds> age = std::nullopt);

  /// Forgets, on a thread of its own, the trees whose retention is over. Looks for them now and every hour.
  void start();
  /// A root begins to run. `resumed`: some below it may have settled before. `retention`: its own, if it has one.
  void root_begun(const family_id& root, bool durable, bool resumed, std::optional<std::chrono::seconds> retention);
  /// Some of a tree run on other nodes, which tell the store nothing of how long it is to keep what settles there.
  void root_scattered(const family_id& root);
  /// Forgets what is below a settled future, as far as it is not to be kept; a store that expires records is told how
  /// long to keep the rest. To be called before the future's parent can settle.
  void drop_descendants(const life& l, const descendants& below, status result);
  /// Another runtime drives it.
  void root_left(const family_id& root);
  /// A root has just settled: a store that expires records is told how long to keep it; elsewhere it is forgotten in
  /// time if that is soon.
  void root_settled(const family_id& root, bool durable);
  /// Precondition: the engine is stopping.
  void stop();

 private:
  void await_settled(store& s, const key& root) const;
  void forget_in(bool durable, const family_id& root);
  /// False: somebody else has forgotten it meanwhile.
  bool forget_settled(bool durable, const family_id& root);
  void run();
  void drop_later(const key& k, std::uint32_t attempts);
  /// Calls `end`, with the journal, for each that is queued.
  template <class Entry, class End>
  void work_off(std::vector<Entry>& queue, End end);
  void drop_queued();
  void expire_queued();
  void expire_settled(const family_id& root);
  void look_ahead();
  void forget_due();
  void expire_below(const life& l, const descendants& below, status result);
  void warn(const error& e) const;

  struct settled {
    key future;
    std::uint32_t attempts;
    motion::token under_way;
  };

  struct settled_root {
    family_id family;
    std::chrono::milliseconds time_to_live;
  };

  struct ending_root {
    bool durable;
    family_id family;
  };

  struct driven_tree {
    /// What is settled in it knows how long it is to be kept. Where something does not, all that settles later has to
    /// stay as well, so that it can be found from above when the tree is settled.
    bool in_order = true;
    std::uint64_t setbacks = 0;  ///< of the store when it began
    std::chrono::milliseconds time_to_live{0};
  };

  /// False also when it has just turned out that the tree is not in order.
  bool in_order(driven_tree& t) const;
  std::chrono::milliseconds time_to_live(std::optional<std::chrono::seconds> own) const;

  engine& engine_;
  const std::chrono::seconds retention_;
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::vector<settled> to_drop_;
  std::vector<settled_root> to_expire_;
  std::unordered_map<family_id, driven_tree> trees_;                ///< where records expire, by the family of the root
  std::unordered_map<family_id, std::chrono::milliseconds> brief_;  ///< elsewhere: roots that go before the next round
  std::multimap<std::chrono::steady_clock::time_point, ending_root> due_;  ///< those that are to be forgotten then
  std::thread thread_;
};

}  // namespace banyan::detail
