#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <banyan/error.hpp>
#include <banyan/key.hpp>
#include <banyan/options.hpp>
#include <banyan/status.hpp>

#include "actors/budgets.hpp"
#include "actors/intrusive.hpp"
#include "actors/mailbox.hpp"
#include "actors/parent_hosts.hpp"
#include "actors/queue_place.hpp"
#include "messages/record.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

class life;
using life_ptr = ref<life>;

/// Counts up whenever something that may stop futures happens in a runtime; see `life::must_stop`.
using stop_epoch = std::atomic<std::uint64_t>;

/// Of a life that stands for the parent of futures that run here for another node.
struct far_parent {
  far_parent(const family_id& of, life_ptr tree, incarnation_id node, std::vector<std::string> queues_above);
  ~far_parent();

  const family_id children;
  const life_ptr root;                    ///< stands for the root of the tree
  parent_hosts hosts;                     ///< to which the parent is told
  const std::vector<std::string> queues;  ///< in which it, and those above it, have places or may get some
  std::mutex wishes_mutex;
  std::map<std::pair<std::uint64_t, std::string>, std::uint32_t> wishes;  ///< by guest and queue: how many wait
};

/// A child that a future was asked to adopt.
struct adoptee {
  enum class state : std::uint8_t { deciding, adopted, refused };

  std::uint64_t number = 0;  ///< of the request
  std::shared_ptr<const options> opts;
  adoptee::state state = state::deciding;
};

/// What threads other than the actor's own may know of a started future: its place in the tree, whether it is to stop,
/// its gauge, and where to send messages. It outlives its actor, and stays when the actor has to be made anew. All
/// atomics are independent gauges and flags, so relaxed order would do for most; those that need more say so.
class life : public counted<life> {
 public:
  life(key k, life_ptr parent_life, std::uint32_t of_attempt, const options& opts, stop_epoch& epoch);

  /// Stands for a parent whose current attempt is `attempt`.
  static life_ptr of_far_parent(const key& k, std::uint32_t attempt, std::uint32_t level, banyan::keep keep,
                                int priority, std::unique_ptr<far_parent> far, stop_epoch& epoch);
  /// Stands for a root, as that which all of its tree have in common.
  static life_ptr of_far_root(const key& k, stop_epoch& epoch);

  const key self;
  const life_ptr parent;
  const std::uint32_t level;
  const std::uint32_t parent_attempt;  ///< the parent's attempt that this is a child of
  const banyan::on_parent_done policy;
  const banyan::keep keep_records;  ///< its own choice or that of the nearest ancestor who made one
  const bool durable;               ///< false as soon as one ancestor is not
  const int priority;               ///< its own or that of the nearest ancestor who was given one
  const std::optional<double> given_weight;
  const std::unique_ptr<far_parent> far;        ///< null: it runs here
  const std::unique_ptr<const budgets> budget;  ///< null: nothing limits what is below it

  /// The root of the tree, which names the tree.
  const life* root() const { return root_; }

  mailbox_link mailbox;

  // --- Stopping -------------------------------------------------------------------------------------------

  /// True when this future, or one above it that takes it down, was cancelled, failed or timed out. Cheap: the way up
  /// is walked only when something was stopped since the last look.
  bool must_stop() const;
  /// The same of a child of this one that has no life yet.
  bool ends_child(std::uint32_t of_attempt, std::uint64_t index, banyan::on_parent_done child_policy) const;
  void request_stop(error_info why);
  /// The reason that was given first: here, or where it is nearest above. What it has heard from there stays.
  error_info stop_reason() const;
  /// The future has this result now. `stops_children`: some of its children see it as their reason to stop.
  void set_done(banyan::status s, bool stops_children);
  std::uint32_t attempt() const { return attempt_.load(std::memory_order_acquire); }
  /// This attempt is the current one: what earlier ones started is to stop, but for detached children.
  void set_attempt(std::uint32_t n);
  /// Stops a child that was not started yet.
  void revoke_child(std::uint32_t of_attempt, std::uint64_t index);
  bool child_revoked(std::uint32_t of_attempt, std::uint64_t index) const;

  // --- Adoption -------------------------------------------------------------------------------------------

  enum class begun : std::uint8_t { no, yes, known, closed };

  /// Its function begins: from here on it can adopt. `version`: to be said in the header of the family.
  void open_to_adoption(std::uint32_t version);
  /// It adopts nothing more. True: there may be `adoptees` that it was asked to take before.
  bool close_to_adoption();
  /// The same; false, and nothing was done, while some are being adopted.
  bool close_unless_adopting();
  /// A request is about to be answered, which may adopt a child. `yes`: the future does not end before it knows the
  /// answer; else it is not to be given now (`no`: the function has not begun), or by somebody else, or never.
  begun begin_adoption(std::uint64_t number, std::shared_ptr<const options> opts);
  /// The answer is durable.
  void end_adoption(std::uint64_t number, bool adopted);
  /// Those that are being adopted; and once each, what has been decided.
  std::vector<adoptee> adoptees();
  std::uint32_t header_version() const { return header_version_; }

  // --- Gauge ----------------------------------------------------------------------------------------------

  std::atomic<banyan::status> status{banyan::status::pending};
  std::atomic<double> local{0};
  std::atomic<double> children_calculated{0};
  std::atomic<double> children_weight{0};
  std::atomic<bool> rests{false};      ///< it has a result, and nothing of it runs but the calls of its handlers
  std::atomic<bool> has_more{false};   ///< it has published something, or was sent something
  std::atomic<double> own_weight{-1};  ///< set by the function; negative: not set
  std::atomic<millis> started{0};
  banyan::progress progress() const;
  /// It succeeded: without children it is done by its whole weight; its own weight is known by now.
  void complete_gauge(bool has_children);
  /// Nothing is open below it, and nothing will be.
  void set_settled();
  bool settled() const { return settled_.load(std::memory_order_relaxed); }
  /// Calls `f`, which must not block, unless it is settled; it is not settled before `f` returns.
  template <class F>
  void while_unsettled(F f) const {
    const std::lock_guard lock(mutex_);
    if (!settled()) f();
  }

  /// Why it cannot go on in this program. `stalls`: those who wait for it are told.
  void park(error_info why);
  void unpark();
  std::optional<error_info> parked() const;

  /// Its result is on its way to the store: its gauge need not be there any more.
  std::atomic<bool> result_recorded{false};

  /// The gauge writer is to look at it.
  std::atomic<bool> gauge_listed{false};
  /// Used by the thread of the gauge writer's ticks alone.
  struct gauge_memory {
    double sent_calculated = -1;
    double sent_weight = -1;
    millis stored_at = 0;
  } gauge_state;

  // --- Its queue ------------------------------------------------------------------------------------------

  const label queue;                  ///< in which its function is to have a place; empty: in none
  std::atomic<bool> in_queue{false};  ///< the function was given its place, and has not ended

  /// The function waits for others: its place is for those below it that wait for one, now or later.
  void offer_place(place_ptr own);
  /// The function is to go on. Null: it has to ask for a place anew.
  place_ptr take_back_place();
  /// One more below it waits for a place in its queue. What it offers is the caller's, to be dropped under no lock.
  [[nodiscard]] place_ptr begin_wish();
  void end_wish();
  bool has_wishes() const;

  // --- Steps ----------------------------------------------------------------------------------------------

  /// How many steps are durable, and how many the suspended function waits for. Sequentially consistent: of the two
  /// sides that each write one and then read the other, one must see what the other wrote.
  std::atomic<std::uint32_t> durable_steps{0};
  std::atomic<std::uint32_t> awaited_steps{~0u};

 private:
  life(const key& k, std::uint32_t of_level, banyan::keep kept, int own_priority, std::unique_ptr<far_parent> far_away,
       stop_epoch& epoch);

  struct rare {
    std::set<std::pair<std::uint32_t, std::uint64_t>> revoked;  ///< attempt and index
    std::optional<error_info> parked;
    std::vector<adoptee> adoptees;
    place_ptr offered;
  };

  /// `adopting`: open, and there may be some among the adoptees.
  enum class adoption : std::uint8_t { not_begun, open, adopting, closed };

  bool stopped_above(std::uint64_t epoch) const;
  std::optional<bool> verdict(std::uint32_t of_attempt, std::uint64_t index, banyan::on_parent_done child_policy) const;
  rare& rare_state();

  const life* const root_;
  stop_epoch& epoch_;
  mutable std::atomic<std::uint64_t> checked_epoch_{0};
  mutable std::shared_ptr<const error_info> known_reason_;  ///< to stop, its own or one from above; under the lock
  std::atomic<bool> stop_{false};
  std::atomic<banyan::status> done_{banyan::status::running};
  std::atomic<std::uint32_t> attempt_{1};
  std::atomic<bool> has_revoked_{false};
  std::atomic<bool> settled_{false};
  std::atomic<adoption> adoption_{adoption::not_begun};
  std::uint32_t header_version_ = any_version;
  std::uint32_t wishes_ = 0;  ///< of those below it, for a place in its queue
  mutable std::mutex mutex_;
  std::unique_ptr<rare> rare_;
};

}  // namespace banyan::detail
