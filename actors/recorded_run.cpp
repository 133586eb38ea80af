#include <banyan/detail/recorded_run.hpp>

#include <algorithm>
#include <cmath>
#include <random>

#include "actors/run_stopped.hpp"
#include "messages/clock.hpp"
#include "messages/names.hpp"
#include "messages/record.hpp"

namespace banyan::detail {
namespace {

/// The first byte of an answer says what follows.
constexpr char value_mark = 'v';
constexpr char failure_mark = 'f';

/// In milliseconds, a century: what can still be added to the time, also with jitter.
constexpr double longest_delay = 100.0 * 365 * 24 * 3600 * 1000;

/// What calls to a runtime throw that was shut down, or has given up.
bool tells_of_the_end(errc code) { return code == errc::stopped || code == errc::store_fenced; }

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

std::optional<error_info> describe_failure(const activation& a, std::exception_ptr e) {
  error_info info{errc::failed, "an exception that is no std::exception", std::string(a.function_name()), a.own_key()};
  try {
    std::rethrow_exception(e);
  } catch (const cancelled&) {
    if (a.is_leaving()) return std::nullopt;
    throw;
  } catch (const error& known) {
    if (a.is_leaving() && tells_of_the_end(known.code())) return std::nullopt;
    const error_info here = info;
    info = known.info();
    if (!info.origin) {
      info.origin = here.origin;
      info.function = here.function;
    }
  } catch (const std::exception& other) {
    info.message = other.what();
  } catch (const run_stopped&) {
    throw;
  } catch (...) {
  }
  info.message = cut_message(std::move(info.message));
  return info;
}

std::chrono::milliseconds retry_delay(const retry_policy& retry, unsigned failed_attempts, double spread) {
  const double first = static_cast<double>(retry.first_delay.count());
  if (first == 0) return {};
  const double grown = first * std::pow(retry.factor, static_cast<double>(failed_attempts) - 1);
  const double bounded = std::min({grown, static_cast<double>(retry.max_delay.count()), longest_delay});
  return std::chrono::milliseconds(static_cast<std::int64_t>(bounded * (1 + retry.jitter * (2 * spread - 1))));
}

double random_spread() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

bool sleep_awaiter::await_ready() {
  const step_ticket step = activation_.begin_step(step_kind::sleep, "");
  if (step.recorded) {
    end_ = from_millis(decode<millis>(*step.recorded, "the end of a sleep"));
  } else {
    if (length_) end_ = later(activation_.clock_now(), std::max(*length_, std::chrono::milliseconds(0)));
    activation_.record_step(step, encode(to_millis(end_)));
  }
  return false;
}

bool sleep_awaiter::await_suspend(std::coroutine_handle<> h) {
  return !activation_.wait({wait_request::what::until, {}, end_}, h);
}

}  // namespace banyan::detail
