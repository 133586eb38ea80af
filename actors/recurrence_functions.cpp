#include "actors/recurrence_functions.hpp"

#include <banyan/context.hpp>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/insist.hpp"
#include "actors/recurrence.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {
namespace {

constexpr const char* function_name = "banyan.every";
constexpr std::chrono::minutes until_zone_is_looked_for{1};

/// Starts the runs of one schedule. Takes no numbers, so that its record does not grow: what it has done is in its
/// checkpoint. A run is a root whose id is made of this future and the time, so that there is one for each time.
class recurring {
 public:
  recurring(context& ctx, recurrence_plan plan)
      : ctx_(ctx),
        activation_(require_activation("every")),
        plan_(std::move(plan)),
        created_(to_millis(activation_.created_at())),
        state_(ctx.restore<recurrence_state>().value_or(first_state(plan_, created_))) {}

  task<recurrence> to_its_end() {
    co_await find_times();
    // It may have been killed before that run was recorded.
    if (state_.starting) co_await start();
    ctx_.set_weight(plan_.times ? static_cast<double>(*plan_.times) : unknown_weight);
    while (const auto next = next_time(plan_, *times_, state_)) {
      tell();
      co_await wait_until(from_millis(*next));
      co_await come_to(now());
    }
    tell();
    co_return seen();
  }

 private:
  static wait_awaiter wait_until(std::chrono::system_clock::time_point t) {
    return wait_awaiter({.kind = wait_request::what::until, .deadline = t});
  }
  wait_awaiter pause(std::chrono::milliseconds d) { return wait_until(activation_.clock_now() + d); }

  millis now() const { return to_millis(activation_.clock_now()); }

  task<> find_times() {
    const schedule s = plan_.times_of();
    while (!(times_ = time_table::of(s, origin_of(plan_, created_)))) {
      ctx_.log("the times of " + to_string(s) + " are not known here: is the package tzdata missing?");
      co_await pause(until_zone_is_looked_for);
    }
  }

  /// Does what is to be done for the next time, if that is over.
  task<> come_to(millis now) {
    give_up_missed(plan_, *times_, now, state_);
    const auto next = next_time(plan_, *times_, state_);
    if (!next || *next > now) co_return;
    if (plan_.when_open() != overlap::allow) {
      bool open = false;
      const auto look = [&] { open = is_open(); };
      co_await insist(ctx_, look);
      if (open && plan_.when_open() == overlap::skip) {
        skip_run(state_, *next);
        activation_.save_state(encode(state_));
        co_return;
      }
      if (open && plan_.when_open() == overlap::queue) co_return co_await await_run();
      const auto cancel = [&] { cancel_run(); };
      if (open) co_await insist(ctx_, cancel);
    }
    begin_run(state_, *next);
    // The run's record may be there before the next checkpoint is.
    activation_.save_state(encode(state_));
    co_await start();
  }

  task<> start() {
    options opts = plan_.run.value;
    opts.id = run_id();
    opts.start_at = from_millis(state_.last);
    recurrence_state then = state_;
    then.starting = false;
    const auto spawn = [&] { activation_.spawn_root(opts, plan_.call.value, encode(then)); };
    co_await insist(ctx_, spawn);
    state_ = then;
  }

  /// True while the newest run has no result.
  bool is_open() const {
    if (state_.last == 0) return false;
    try {
      return !future_handle(run(), activation_.runtime_id()).ready();
    } catch (const error& e) {
      if (e.code() != errc::not_found) throw;
      return false;
    }
  }

  void cancel_run() const {
    try {
      future_handle(run(), activation_.runtime_id()).cancel();
    } catch (const error& e) {
      if (e.code() != errc::not_found) throw;
    }
  }

  task<> await_run() {
    const key k = run();
    const auto forget = [&] { activation_.forget_future(k); };
    try {
      co_await wait_awaiter({wait_request::what::some, {&k, 1}});
      co_return forget();
    } catch (const error& e) {
      if (!is_trouble(e.code())) throw;
    }
    forget();
    co_await pause_after_trouble(activation_);
  }

  std::string run_id() const {
    // One with the same id that was forgotten had other runs.
    return "banyan.run " + activation_.own_key().str() + "@" + std::to_string(created_) + " " +
           std::to_string(state_.last);
  }
  key run() const { return {named_family(run_id()), 0}; }

  recurrence seen() const {
    recurrence r;
    if (const auto next = next_time(plan_, *times_, state_)) r.next = from_millis(*next);
    if (state_.last != 0) {
      r.last = from_millis(state_.last);
      r.run = run();
    }
    r.started = state_.started;
    r.skipped = state_.skipped;
    r.missed = state_.missed;
    return r;
  }

  void tell() {
    ctx_.set_progress(static_cast<double>(state_.started));
    ctx_.publish(seen());
  }

  context& ctx_;
  activation& activation_;
  const recurrence_plan plan_;
  const millis created_;
  recurrence_state state_;
  std::optional<time_table> times_;
};

task<recurrence> recur(context& ctx, recurrence_plan plan) {
  recurring all(ctx, std::move(plan));
  co_return co_await all.to_its_end();
}

/// Whoever has the id of a schedule. Returns where it is the same one, else throws.
void expect_same(engine& e, const key& there, const recurrence_plan& given, const std::string& id,
                 const error& conflict) {
  const auto located = e.data().find(there);
  if (!located) throw conflict;
  const entry called = decode_entry(located->found.spec);
  if (called.spec.function != function_name) throw conflict;
  const auto [plan] = decode<std::tuple<recurrence_plan>>(called.spec.arguments, "a schedule");
  const std::string others = differences(plan, given);
  if (others.empty()) return;
  throw error(errc::id_conflict, "the schedule '" + id + "' is there already, and it is another one: " + others +
                                     ". To change it, cancel and forget " + there.str() + " first");
}

}  // namespace

void register_recurrence_functions() { static const registration every(function_name, recur); }

key begin_recurrence(engine& e, const every_options& opts, const schedule& when, const bound_call& call) {
  call.entry();
  const recurrence_plan plan = plan_of(opts, when, call);
  e.check_queue(opts.run);
  check_payload(call.complete(0, ""), e.config().limits.max_payload, e.config().limits.max_depth,
                "the arguments of " + call.function);
  const bound_call starts_runs{function_name, 1, encode(plan)};
  const options own{.name = opts.id, .id = opts.id};
  try {
    return e.spawn_root(own, {starts_runs.function}, starts_runs.complete(0, ""));
  } catch (const error& conflict) {
    if (conflict.code() != errc::id_conflict) throw;
    // Another version of Banyan may have written the same in other words.
    const key there{named_family(opts.id.str()), 0};
    expect_same(e, there, plan, opts.id, conflict);
    return there;
  }
}

}  // namespace banyan::detail
