#pragma once

#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <banyan/context.hpp>

#include "actors/admission.hpp"
#include "actors/child_table.hpp"
#include "actors/collector.hpp"
#include "actors/handler_plan.hpp"
#include "actors/history.hpp"
#include "actors/lifecycle.hpp"
#include "actors/presence.hpp"
#include "actors/signal_state.hpp"
#include "actors/ticket.hpp"
#include "actors/timers.hpp"
#include "messages/checkpoint.hpp"
#include "messages/family.hpp"
#include "messages/protocol.hpp"
#include "persistence/journal.hpp"
#include "persistence/running_marks.hpp"

namespace banyan::detail {

class engine;
class repeated_adoptions;

/// What the actor of a future does: it feeds the lifecycle with events and carries out its effects, and it is what the
/// future's function sees of Banyan. It knows no actor framework. Used by one thread at a time.
class future_cell final : public activation {
 public:
  future_cell(engine& e, ticket_ptr t, life_ptr l, admission::room r);
  ~future_cell() override;

  /// Runs the function until it first suspends or ends.
  void start();
  void receive(mail m);
  /// Nothing is left to do: the actor may end.
  bool finished() const { return finished_; }
  /// What is to be launched once this is gone, if it ended to be begun anew.
  ticket_ptr take_again() { return std::move(again_); }
  const life_ptr& who() const { return life_; }
  /// Throws `error` (`would_block`) unless the function may block its thread.
  void require_blocking(std::string_view call) const;
  /// For an actor that died under it: what starts the future again.
  ticket_ptr abandon();

  // --- activation -----------------------------------------------------------------------------------------
  key spawn(const function_entry& function, bytes arguments, const options* opts) override;
  key make_promise(std::string_view name) override;
  step_ticket begin_step(step_kind kind, std::string_view name) override;
  void record_step(const step_ticket& step, bytes answer) override;
  void record_step_now(const step_ticket& step, bytes answer) override;
  bool wait(const wait_request& request, std::coroutine_handle<> resume_point) override;
  void resumed() override;
  std::optional<std::size_t> first_of() const override { return wait_.first; }
  outcome_ptr result_of(const key& k) override;
  void forget_future(const key& k) override;
  void cancel_child(const key& k) override;
  void heed(std::span<const key> keys) override;
  std::optional<received_signal> take_signal(std::string_view name) override;
  void forget_signal(const std::string& id) override;
  std::string next_sending(std::string_view name, std::string_view value) override;
  void enter_step(std::uint64_t number) override;
  void leave_step() override;
  void publish(bytes state) override;
  void set_progress(double local) override;
  void set_weight(double weight) override;
  bool is_cancelled() const override;
  bool is_leaving() const override;
  options handed_down() const override;
  void leave_retries_to_child() override { retries_below_ = true; }
  void save_state(bytes state) override;
  const bytes& saved_state() override;
  void spawn_root(const options& opts, const bound_call& call, bytes state) override;
  const key& own_key() const override { return life_->self; }
  std::uint32_t attempt() const override { return cycle_.attempt(); }
  std::uint32_t version() const override { return version_; }
  std::optional<key> parent_key() const override;
  std::chrono::system_clock::time_point created_at() const override;
  std::chrono::system_clock::time_point scheduled_at() const override;
  std::string_view function_name() const override { return ticket_->function_name(); }
  std::uint32_t runtime_id() const override;
  std::size_t max_payload() const override;
  std::size_t max_depth() const override;
  std::optional<std::uint64_t> place_number() const override;
  void log(std::string_view message) override;
  std::chrono::system_clock::time_point clock_now() const override;
  void enter_blocking(std::string_view call) override;
  void leave_blocking() override;

 private:
  /// What the suspended function waits for.
  struct wait_state {
    bool active = false;
    wait_request::what kind = wait_request::what::all;
    std::span<const key> keys;
    std::size_t missing = 0;
    std::optional<std::size_t> first;
    std::string_view name;
    std::chrono::system_clock::time_point deadline = no_deadline;
    std::coroutine_handle<> resume_point;
    timers::id timer{};
    std::uint64_t token = 0;
    bool over = false;  ///< all that it lacks to go on is a place in its queue
  };
  struct foreign_result {
    outcome_ptr result;
    bool awaited = false;
    std::uint64_t waiter = 0;
  };
  /// What few futures need.
  struct rare {
    std::map<key, foreign_result> foreign;
    std::map<std::uint64_t, child_done> early;  ///< results of children that a re-run has not reached yet
    std::set<std::pair<std::uint32_t, std::uint64_t>> lingering;  ///< detached children of earlier attempts
    std::vector<ticket_ptr> held;                                 ///< children from the record that are to start
    std::shared_ptr<const std::vector<incarnation_id>> homes;     ///< where children of the current attempt may run
    checkpoint_record checkpoint;
    std::vector<std::pair<key, record>> inheritance;  ///< what futures that it replaces had adopted
    child_table adopted;                              ///< by the positions of the requests
    std::uint64_t adopted_open = 0;                   ///< of those, not settled
    signal_inbox signals;
    signal_sender sent;
    timers::id back_off_timer{};
    timers::id deadline_timer{};
  };
  /// Of a future that has handlers.
  struct handled {
    explicit handled(const options& opts) : plan(opts) {}
    handler_plan plan;
    std::map<std::uint64_t, record> found;                     ///< what earlier runs have called
    std::shared_ptr<const std::vector<incarnation_id>> homes;  ///< where that may run
    bool loaded = false;
    bool header_written = false;
  };
  struct handler_spec {
    std::string function;
    bytes arguments;
    options opts;
  };

  // future_cell.cpp: events and effects
  void apply(effects e);
  void on(child_done m);
  void on(child_settled m);
  void on(child_progress m);
  void on(foreign_done m);
  void on(result_recorded m);
  void on(attempt_recorded m);
  void on(steps_recorded m);
  void on(rewritten m);
  void on(signalled m);
  void on(adoption_decided m);
  void on(stop_requested m);
  void on(leave m);
  void on(timer_fired m);
  void on(try_again m);
  void on(placed m);
  outcome_ptr stop_outcome() const;
  void record_attempt_error();
  void record_own_result();
  void stop_children_now(bool only_bound);
  void stop_promise(std::uint64_t number);
  void start_back_off();
  void settle_now();
  void note_records_below(const options& child);
  descendants records_below() const;
  bool closed_lingering(std::uint32_t attempt, std::uint64_t number);
  void finish();

  // cell_start.cpp: from a ticket to a running function
  void run_from_start();
  bool resume_from_record();
  bool give_up_after_crashes();
  bool begin();
  void arm_deadline();
  void park(error_info why);
  bool waits_for_store(const error& why);
  void begin_again(ticket_ptr again);

  // cell_history.cpp
  void load_history();
  void take_up_rest();
  void take_up_child(record r);
  void resume_child(std::uint64_t number, spec_record spec, record r);
  void load_earlier(const key& of, std::uint32_t attempts, const std::optional<history::fork>& end = std::nullopt);
  void load_predecessors();
  std::optional<history::fork> fork_in(const predecessor& from);
  std::shared_ptr<const std::vector<incarnation_id>> homes_of(const family_id& family);
  void take_up_lingering(std::uint32_t attempt, const record& r);
  void let_linger();
  void start_child(ticket_ptr t);
  void enqueue_child(ticket_ptr t);
  void release_held();

  // cell_queue.cpp
  bool has_place();
  bool lacks_place() const;
  bool waits_for_others() const;
  void lend_own_place();
  void take_back_own_place();
  void take_place(place_ptr place);
  void leave_queue();

  // cell_version.cpp
  bool knows_function();
  std::uint32_t version_begun() const;
  /// In headers, where the spec says `any_version`.
  std::uint32_t version_to_say() const { return ticket_->version == any_version ? version_ : any_version; }

  // cell_adopted.cpp
  void open_to_adoption();
  bool has_called_for_children();
  bool all_children_settled();
  void take_in_adopted();
  void open_adopted(std::uint64_t number, const options& opts);
  void resume_adopted(record r);
  void adopted_done(child_done m);
  void adopted_settled(std::uint64_t number);
  void adopted_closed();
  void adopted_progress(const child_progress& m);
  bool any_adopted_failed() const { return rare_ && rare_->adopted.any_failed(); }
  template <class Predicate>
  std::vector<std::uint64_t> unsettled_adopted(Predicate wanted) const {
    return rare_ ? rare_->adopted.unsettled(wanted) : std::vector<std::uint64_t>();
  }
  key adopted_key(std::uint64_t number) const { return {child_family(life_->self, 1), first_adopted_number + number}; }

  // cell_inherited.cpp
  void inherit_adopted();
  void inherit(repeated_adoptions& requests, const key& where, const record& adopted);

  // cell_function.cpp: running the function
  void run_function();
  void drive(std::coroutine_handle<> h);
  void function_suspended();
  void function_answered(invocation i);
  void function_threw(std::exception_ptr e);
  void abort_suspended_function();
  void leave_function();
  void ended();

  // cell_budget.cpp
  void heed_budget(std::uint64_t number, const history::answer& a, const history::request& asked, std::size_t bytes);
  void count_recorded();
  std::optional<std::size_t> recorded_size(const record& r) const;

  // cell_handlers.cpp
  void expect_handlers();
  void load_handlers();
  void watch_progress();
  void call_handlers(const std::vector<std::size_t>& due);
  void call_handler(std::size_t number);
  void resume_calls();
  void start_handler(std::uint64_t number, handler_spec call, std::optional<record> earlier);
  bool rests();
  void look_after_handlers();
  void heed_children();
  void fail_for(const outcome& of_child, const key& child, const retry_policy& retry);

  // cell_signals.cpp
  std::uint64_t begin_part();
  void resume_part(std::uint64_t part);
  bool has_signal(std::string_view name);
  void look_for_signals();
  void open_logs();
  void read_signals();
  void arm_look_for_signals();

  // cell_waits.cpp
  void arm_wait_timer(std::chrono::system_clock::time_point at);
  bool wait_for_keys(std::size_t spare);
  bool ends_wait(bool ok) const;
  bool await_key(const key& k);
  bool await_foreign(const key& k);
  void forget_awaited();
  void note_result(const key& k, bool ok);
  void wake();
  void clear_wait();

  // cell_numbers.cpp: what takes a number
  void check() const;
  history::answer match(const history::request& asked);
  void stop_on_damage(const std::function<void()>& read);
  [[noreturn]] void stop_for(error_info why);
  void spawn_fresh(std::uint64_t number, const function_entry& f, std::uint32_t version, bytes arguments,
                   std::shared_ptr<const options> opts, millis start_at, const predecessor* replaces);
  void meet_recorded_child(std::uint64_t number, history::answer a);
  void take_over_child(std::uint64_t number, history::answer a);
  void write_new(bool durable, write w, committed done = {});
  void write_header_once();
  void write_header(const family_id& family, std::uint32_t attempt);
  void take_early(std::uint64_t number);
  key child_key(std::uint64_t number);
  void child_gauges_changed();
  const options& settings() const { return ticket_->settings(); }
  rare& rarely();

  engine& engine_;
  const presence::token here_;  ///< before all that uses the engine when it goes
  const ticket_ptr ticket_;
  const life_ptr life_;
  context context_;
  admission::room room_;
  lifecycle cycle_;
  child_table children_;
  std::unique_ptr<history> history_;
  std::unique_ptr<coroutine_call> coroutine_;
  std::unique_ptr<rare> rare_;
  std::unique_ptr<handled> handled_;  ///< null: it has no handlers
  ticket_ptr again_;
  running_marks::mark running_;            ///< while the function's own code runs
  std::optional<error_info> stopped_for_;  ///< why the run cannot go on
  wait_state wait_;
  family_id family_;  ///< of the current attempt's children and steps
  std::uint64_t next_number_ = 0;
  std::uint32_t loaded_attempt_ = 0;
  std::uint32_t version_ = any_version;  ///< of the function, once that is known
  std::uint32_t steps_written_ = 0;
  std::optional<std::uint64_t> running_step_;  ///< whose function runs
  bool header_written_ = false;
  bool suspect_ = false;        ///< its code ran when the process died, and has recorded nothing new since
  bool kept_below_ = false;     ///< a child keeps what is below it
  bool passing_below_ = false;  ///< a child is not durable, this one is
  bool failed_before_ = false;  ///< a child that an earlier run has seen to its end was no success
  bool retries_below_ = false;  ///< no failure of its own run is retried
  bool holding_ = false;        ///< children that are adopted are not started yet
  bool aborting_ = false;
  bool finished_ = false;
};

/// Future cells that exist in this process; for tests.
std::size_t live_cells();

}  // namespace banyan::detail
