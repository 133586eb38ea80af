#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <banyan/detail/activation.hpp>
#include <banyan/function.hpp>
#include <banyan/options.hpp>
#include <banyan/task.hpp>

namespace banyan::detail {

/// A step's answer as it is recorded: a value or the error that a re-run is to throw again.
bytes encode_answer(bytes value);
bytes encode_answer(const error_info& failure);
bool is_failure_answer(std::string_view answer);
/// The value of an answer; throws `failure` where it holds an error. The view refers into `answer`.
std::string_view open_answer(const bytes& answer);

/// What is recorded of an exception that `run`'s function threw. Nothing: the runtime ended under it, the step is not
/// over. Throws it on if it is no answer (a cancellation).
std::optional<error_info> describe_failure(const activation& a, std::exception_ptr e);

/// The delay before the attempt after `failed_attempts` ones. `spread` is a random number from 0 to 1.
std::chrono::milliseconds retry_delay(const retry_policy& retry, unsigned failed_attempts, double spread);
double random_spread();
/// Throws `error` (`invalid_argument`) on a policy that makes no sense.
void check_retry(const retry_policy& retry);

inline wait_awaiter all_recorded() { return wait_awaiter({wait_request::what::recorded}); }
inline wait_awaiter clock_reaches(std::chrono::system_clock::time_point t) {
  return wait_awaiter({wait_request::what::until, {}, t});
}

/// Where the runtime is being shut down: suspends the function until it is left.
inline wait_awaiter leaving() { return clock_reaches(no_deadline); }

template <class F>
using run_result_t = result_of_t<std::remove_cvref_t<std::invoke_result_t<F&>>>;

template <class F>
task<bytes> run_once(F& f) {
  using R = std::invoke_result_t<F&>;
  if constexpr (is_task<R>) {
    if constexpr (std::is_void_v<run_result_t<F>>) {
      co_await f();
      co_return encode(unit{});
    } else {
      co_return encode(co_await f());
    }
  } else if constexpr (std::is_void_v<R>) {
    f();
    co_return encode(unit{});
  } else {
    co_return encode(f());
  }
}

/// While the function of a step runs.
class step_scope {
 public:
  step_scope(activation& a, std::uint64_t number) : activation_(a) { activation_.enter_step(number); }
  ~step_scope() { activation_.leave_step(); }
  step_scope(const step_scope&) = delete;
  step_scope& operator=(const step_scope&) = delete;

 private:
  activation& activation_;
};

template <class F>
task<run_result_t<F>> recorded_run(activation& a, std::string name, F f, retry_policy retry) {
  check_retry(retry);
  step_ticket step = a.begin_step(step_kind::run, name);
  if (!step.recorded) {
    // What the function may have taken from earlier answers must not differ if this is run again.
    co_await all_recorded();
    bytes answer;
    for (unsigned attempt = 1; answer.empty(); ++attempt) {
      bool again = false;
      bool leaves = false;
      try {
        const step_scope in_step(a, step.number);
        bytes value = co_await run_once(f);
        check_payload(value, a.max_payload(), a.max_depth(), "the answer of step '" + name + "'");
        answer = encode_answer(std::move(value));
      } catch (...) {
        const std::optional<error_info> why = describe_failure(a, std::current_exception());
        leaves = !why;
        again = why && attempt < retry.max_attempts && why->code != errc::permanent;
        if (why && !again) answer = encode_answer(*why);
      }
      if (leaves) co_await leaving();
      if (again) co_await clock_reaches(a.clock_now() + retry_delay(retry, attempt, random_spread()));
    }
    a.record_step(step, answer);
    co_await all_recorded();
    step.recorded = std::move(answer);
  }
  co_return decode<run_result_t<F>>(open_answer(*step.recorded), "the answer of step '" + name + "'");
}

/// Suspends the running function until a recorded point of time. Whatever it does afterwards is recorded after the end
/// of the sleep is, so nothing has to wait for that.
class sleep_awaiter {
 public:
  sleep_awaiter(activation& a, std::chrono::milliseconds d) : activation_(a), length_(d) {}
  sleep_awaiter(activation& a, std::chrono::system_clock::time_point end) : activation_(a), end_(end) {}
  bool await_ready();
  bool await_suspend(std::coroutine_handle<> h);
  void await_resume() { activation_.resumed(); }

 private:
  activation& activation_;
  std::optional<std::chrono::milliseconds> length_;
  std::chrono::system_clock::time_point end_;
};

}  // namespace banyan::detail
