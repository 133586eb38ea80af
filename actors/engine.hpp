#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include <banyan/runtime.hpp>

#include "actors/actor_host.hpp"
#include "actors/admission.hpp"
#include "actors/child_table.hpp"
#include "actors/collector.hpp"
#include "actors/exchange.hpp"
#include "actors/gauge_writer.hpp"
#include "actors/live_index.hpp"
#include "actors/motion.hpp"
#include "actors/outside_watch.hpp"
#include "actors/presence.hpp"
#include "actors/records.hpp"
#include "actors/spawning.hpp"
#include "actors/stalls.hpp"
#include "actors/ticket.hpp"
#include "actors/timers.hpp"
#include "actors/unclaimed_roots.hpp"
#include "actors/waiters.hpp"
#include "actors/waiting_places.hpp"
#include "messages/clock.hpp"
#include "persistence/trouble.hpp"

namespace banyan::detail {

class engine;

/// How long a caller waits for a store that does not answer.
constexpr std::chrono::milliseconds store_patience{10'000};

/// Throws `error` (`invalid_argument`) for a handle that names nothing.
void require_name(const future_handle& f);

/// The engine of a handle. Throws `error` (`stopped`, or `invalid_argument` for a handle that names nothing).
std::shared_ptr<engine> open_engine(const future_handle& f);

/// The engine of one runtime: what the actors of its futures share. It owns the threads, the store and the
/// index of what is alive, and it supervises the roots. Thread-safe.
class engine {
 public:
  struct settings {
    std::uint32_t id = 0;  ///< that handles hold; 0: one that is not in use
    std::string name;
    unsigned threads = 1;
    std::chrono::seconds retention{0};
    banyan::limits limits;
    banyan::queues queues;
    std::chrono::milliseconds lease{5000};  ///< after so long without a sign of life a process is thought to be gone
    std::function<void(log_level, std::string_view)> log;
  };

  /// `system`: an actor system to live in (see banyan/caf.hpp), or null for one of its own.
  engine(settings s, std::unique_ptr<store> backend, void* system);
  ~engine();

  /// The engine with this number, or null when it is gone. Handles hold the number.
  static std::shared_ptr<engine> find(std::uint32_t id);
  /// Makes it known under its number; called once, when it is complete.
  static void enlist(const std::shared_ptr<engine>& e);
  /// Shuts it down and lets go of it, on this thread, once nobody else uses it any more.
  static void end(std::shared_ptr<engine> e);
  std::uint32_t id() const { return id_; }

  // --- For the runtime ------------------------------------------------------------------------------------

  /// Makes it a node among others, which must outlive it. Before `recover`.
  void join(neighbours& others);
  /// Resumes all unsettled roots of the store.
  void recover();
  /// Resumes a root of which this runtime has become the driver.
  void take_over(const family_id& root);
  bool drives(const family_id& root) const;
  /// It is not driven here; and if it is listed as ours, that will not pass.
  bool may_be_ours(const family_id& root) const;
  /// Takes up what another process has recorded and would have claimed by now. Throws what the store throws.
  void drive_unclaimed();
  /// Another runtime drives a root that is not started.
  void leave_root(const key& k);
  /// `ahead` is written before it starts. This program need not know the function.
  key spawn_root(const options& opts, const function_ref& function, bytes arguments, std::optional<write> ahead = {});
  /// Starts a root that takes over what another one has done; see persistence/again.hpp. Durable on return.
  key run_again(spec_record call, bool durable);
  /// `last` is called before the store is closed, when everything is written.
  void shutdown(const std::function<void()>& last = {});
  /// Starts nothing that is not started. What it drops is found in the record.
  void start_no_more();
  /// Others may drive what this one drove: it starts nothing from here on, and another engine takes its place.
  void give_up();
  bool given_up() const { return given_up_.load(std::memory_order_acquire); }
  /// The same, or it is about to be: its lease is over.
  bool fenced() { return given_up() || !records_.backend().holds(); }
  /// Throws `error` (`stopped`, or `store_fenced` after `give_up`) after `shutdown`.
  void require_running() const;
  /// Does again what reads a store that does not answer, for `store_patience`: for calls that write then, and wait for
  /// that as long. Throws as `look` and `require_running` do.
  template <class Look>
  auto patiently(const Look& look) const;
  void wait_idle() { motion_.wait_idle(); }

  // --- For the actors of futures ---------------------------------------------------------------------------

  /// Queues a future to be started, now or at its start time.
  void enqueue(ticket_ptr t);
  /// The same, whatever node it could run on.
  void enqueue_here(ticket_ptr t);
  /// Takes out what waits for room or for a place in its queue and for which `wanted` holds.
  std::vector<ticket_ptr> take_unstarted(const std::function<bool(const ticket&)>& wanted);
  /// Throws `error` (`unknown_queue`) for a queue that this runtime does not have. `caller`: the function that calls,
  /// if one does.
  void check_queue(const options& opts, std::string_view caller = {}) const;
  /// A future is in a critical section: what waits for that below it, on all nodes, fails instead of waiting for
  /// itself.
  void refuse_below(const key& above, const std::string& section);
  /// Starts a future again whose actor died.
  void relaunch(ticket_ptr t, std::chrono::milliseconds delay);
  void post(const life& to, mail m);
  /// A future that waits for its start time is queued at once.
  void hurry(const key& k);
  /// Writes a result. Once it is durable: tells the parent, those who wait, and the future itself if it is still
  /// alive. `below`: nothing is open below it, and nothing will be; what is recorded there is kept or dropped.
  void record_result(const life_ptr& l, const outcome_ptr& result, std::uint32_t attempts,
                     const std::optional<descendants>& below);
  /// A future that has a result has nothing open below it any more.
  void settle(const life_ptr& l);
  /// Writes the result of a child that has no actor: a promise, or one that never started.
  /// `settled`: nothing is to be called because of it.
  void record_unstarted(const key& k, const life_ptr& parent, std::uint32_t attempt, bool durable,
                        const outcome_ptr& result, bool settled = true);
  /// Calls `call` once the future has a durable result, which may be at once. Null: see `waiters`.
  waiters::id watch(const key& k, waiters::callback call);
  /// Cancels a future that has an actor, without waiting.
  void cancel_live(const life_ptr& l, const error_info& why);
  /// Has a child that is not settled look whether it is to stop.
  void stop_child(const life& parent, const key& k);
  /// A future was cancelled, or its parent on another node wants it to stop. False if nothing of it is known here.
  bool stop_now(const key& k, const error_info& why);
  /// Cancels a child without waiting.
  void cancel_child(const life_ptr& parent, const key& k, std::uint32_t attempt, const child_table::child& child);
  /// It left the index of what is alive.
  void departed(const life& l);
  /// It cannot go on in this program; see `life::park`. Those who wait for it, or for one above it, are told.
  void stall(const life_ptr& l);
  /// Why a future waits for something that cannot go on in this program, if that is so.
  std::optional<error_info> stalled(const key& k) const { return stalls_.find(k); }
  /// It does not end before those who hold such a token.
  presence::token stay() { return presence::token(users_); }

  // --- For handles -----------------------------------------------------------------------------------------

  /// A result from outside. Returns true if it is the future's result now. Throws `not_found`.
  bool set_result(const key& k, const outcome_ptr& result);
  bool cancel(const key& k);
  /// Sends a signal. False: it has a result. Throws `not_found`, `invalid_argument`, and what the store throws.
  bool send(const signal_record& s);
  /// Has a future take in a child, and waits until it has. Durable on return. Throws as `runtime::adopt`.
  key adopt(const key& parent, const options& opts, const function_entry& function, bytes arguments);
  /// What another process changed: a result, a signal, or a new root. False if there is neither (yet).
  bool notice(const key& k);
  /// The same, by another node: what is not known here is left alone.
  void notice_from_node(const key& k);

  /// Null: this runtime is no node.
  banyan::detail::exchange* exchange() { return exchange_.get(); }
  records& data() { return records_; }
  live_index& live() { return live_; }
  waiters& waiting() { return waiters_; }
  timers& clock() { return timers_; }
  /// By the clock of the store where it has one: nodes whose own clocks differ mean the same by a time.
  millis now_ms() const { return to_millis(timers_.now()); }
  /// Looks how far the store's clock is ahead. `engine::recover` does, and who watches a shared store from time to
  /// time.
  void set_clock();
  motion& moving() { return motion_; }
  gauge_writer& gauges() { return gauges_; }
  banyan::detail::collector& collector() { return collector_; }
  stop_epoch& epoch() { return epoch_; }
  actor_host& host() { return host_; }
  admission& gate() { return *admission_; }
  banyan::detail::waiting_places& waiting_places() { return queues_; }
  const settings& config() const { return settings_; }
  /// Null: nothing is said about what runs.
  running_marks* marks() const { return marks_; }
  bool stopping() const { return stopping_.load(std::memory_order_acquire); }
  void log(log_level level, std::string_view message) const { settings_.log(level, message); }

 private:
  void start(ticket_ptr t, admission::room r);
  bool ended_before_start(ticket& t, const life_ptr& l);
  void leave_unstarted(life& l);
  void enqueue_at(ticket_ptr t, millis at);
  void admit(ticket_ptr t);
  void let_in(ticket_ptr t);
  admission::lane lane_of(const ticket& t) const;
  void resume_root(const root_entry& entry);
  bool begin_submitted(const key& k);
  void drive_root(ticket_ptr t);
  void list_anew(const family_id& root, millis now);
  void expect_claim(const family_id& root, millis created);
  void record_settled(life& l);
  void root_settled(const key& k);
  void result_durable(const life_ptr& l, const outcome_ptr& result, bool settled);
  void tell_parent(const key& k, const life_ptr& parent, std::uint32_t attempt, const outcome_ptr& result,
                   bool settled);
  /// `handled`: it has handlers.
  void deliver(const key& k, const outcome_ptr& result, bool handled);
  void deliver_late(const key& k, const outcome_ptr& result, bool handled, motion::token under_way,
                    std::chrono::milliseconds delay);
  /// The parent of a future, if that is alive, and the attempt that the future belongs to.
  std::pair<life_ptr, std::uint32_t> live_parent(const key& k);
  void send_or_admit(ticket_ptr t);
  void keep_gauges();
  void retry_parked();

  struct adoption;
  key await_answer(const adoption& a);
  std::optional<error_info> reason_to_withdraw(const adoption& a, bool in_time);
  void tell_of_request(const adoption& a, bool elsewhere_too);
  void decide_adoption(const life_ptr& parent, const key& request, const bytes& call);
  void tell_elsewhere(const key& to, const key& at, bool durable);
  /// Also of a request to adopt.
  bool tell_of_signal(const key& at, const record& found);
  bool notice_signal(const key& at, const record& signal);

  void halt_elsewhere(const key& k, const error_info& why);

  const settings settings_;
  const std::uint32_t id_;
  stop_epoch epoch_{1};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> given_up_{false};
  motion motion_;
  waiters waiters_;
  live_index live_;
  records records_;
  gauge_writer gauges_;
  banyan::detail::collector collector_;
  outside_watch outside_;
  std::unique_ptr<banyan::detail::exchange> exchange_;
  mutable std::mutex roots_mutex_;
  std::unordered_map<family_id, life_ptr> roots_;
  spawning spawning_;
  unclaimed_roots unclaimed_;
  stalls stalls_;
  presence users_;
  std::mutex delayed_mutex_;
  std::unordered_map<key, std::pair<timers::id, std::shared_ptr<ticket_ptr>>> delayed_;
  std::uint64_t known_functions_ = 0;
  running_marks* const marks_;
  banyan::detail::waiting_places queues_;  ///< what has a place goes before
  std::unique_ptr<admission> admission_;
  actor_host host_;
  std::atomic<bool> clock_is_wrong_{false};  ///< which was said
  timers timers_;
  std::once_flag shut_down_;
};

template <class Look>
auto engine::patiently(const Look& look) const {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds longest_pause{100};
  const auto deadline = clock::now() + store_patience;
  for (std::chrono::milliseconds pause{1};; pause = std::min(2 * pause, longest_pause)) {
    try {
      return look();
    } catch (const error& e) {
      if (!may_pass(e.code()) || clock::now() >= deadline) throw;
    }
    require_running();
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace banyan::detail
