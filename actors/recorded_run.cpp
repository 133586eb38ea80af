#include <banyan/detail/recorded_run.hpp>

#include <algorithm>
#include <cmath>
#include <random>

#include "actors/clock.hpp"
#include "messages/record.hpp"

namespace banyan::detail {
namespace {

/// The first byte of an answer says what follows.
constexpr char value_mark = 'v';
constexpr char failure_mark = 'f';

}  // namespace

bytes encode_answer(bytes value) {
  value.insert(value.begin(), value_mark);
  return value;
}

bytes encode_answer(const error_info& failure) { return failure_mark + encode_error(failure); }

bool is_failure_answer(std::string_view answer) { return !answer.empty() && answer.front() == failure_mark; }

std::string_view open_answer(const bytes& answer) {
  if (answer.empty()) throw error(errc::corrupt_record, "a step's answer is empty");
  const std::string_view content = std::string_view(answer).substr(1);
  if (is_failure_answer(answer)) throw_error(decode_error(content));
  return content;
}

error_info describe_failure(const activation& a, std::exception_ptr e) {
  error_info info{errc::failed, "an exception that is no std::exception", std::string(a.function_name()), a.own_key()};
  try {
    std::rethrow_exception(e);
  } catch (const cancelled&) {
    throw;
  } catch (const error& known) {
    const error_info here = info;
    info = known.info();
    if (!info.origin) {
      info.origin = here.origin;
      info.function = here.function;
    }
  } catch (const std::exception& other) {
    info.message = other.what();
  }
  return info;
}

std::chrono::milliseconds retry_delay(const retry_policy& retry, unsigned failed_attempts, double spread) {
  const double grown =
      static_cast<double>(retry.first_delay.count()) * std::pow(retry.factor, static_cast<double>(failed_attempts) - 1);
  const double bounded = std::min(grown, static_cast<double>(retry.max_delay.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>(bounded * (1 + retry.jitter * (2 * spread - 1))));
}

double random_spread() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

task<> recorded_sleep(activation& a, std::chrono::milliseconds d) {
  const step_ticket step = a.begin_step(step_kind::sleep, "");
  std::chrono::system_clock::time_point end;
  if (step.recorded) {
    end = from_millis(decode<millis>(*step.recorded, "the end of a sleep"));
  } else {
    end = a.clock_now() + std::max(d, std::chrono::milliseconds(0));
    a.record_step(step, encode(to_millis(end)));
  }
  co_await all_recorded();
  co_await clock_reaches(end);
}

task<> recorded_sleep_until(activation& a, std::chrono::system_clock::time_point t) {
  const step_ticket step = a.begin_step(step_kind::sleep, "");
  if (!step.recorded) a.record_step(step, encode(to_millis(t)));
  const auto end = step.recorded ? from_millis(decode<millis>(*step.recorded, "the end of a sleep")) : t;
  co_await all_recorded();
  co_await clock_reaches(end);
}

}  // namespace banyan::detail
