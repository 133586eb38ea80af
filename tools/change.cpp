#include <chrono>
#include <thread>

#include "messages/json.hpp"
#include "messages/names.hpp"
#include "persistence/outside.hpp"
#include "persistence/signals.hpp"
#include "tools/commands.hpp"
#include "tools/find_key.hpp"
#include "tools/format.hpp"

namespace banyan::tools {
namespace {

using detail::store;

/// Says that a change is recorded, and what has become of it.
void report_change(store& s, const key& k, const std::string& what, output& out) {
  using namespace std::chrono_literals;
  constexpr auto patience = 1500ms;
  const auto give_up = std::chrono::steady_clock::now() + patience;
  out.write(what + ": ");
  while (s.has_driver() && s.notice_pending(k) && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::sleep_for(10ms);
  }
  if (!s.notice_pending(k)) {
    out.line("the program that runs it knows");
  } else if (s.has_driver()) {
    out.line("recorded, but the program that runs it has not looked yet");
  } else {
    out.line("recorded; takes effect when a program opens this store");
  }
}

int set_outcome(store& s, const request& r, const detail::outcome& o, output& out) {
  const key k = find_key(s, r.key);
  const detail::outside_answer answer = set_result_from_outside(s, k, o, s.time());
  if (!answer.won) {
    throw error(errc::invalid_argument,
                k.str() + " has a result already, and keeps it: " + std::string(to_string(answer.result.outcome)));
  }
  report_change(s, k, k.str() + " is " + (o.ok() ? "set" : "failed"), out);
  return exit_success;
}

std::string futures(std::size_t n) { return number_text(n) + (n == 1 ? " future" : " futures"); }

}  // namespace

int cancel_future(store& s, const request& r, output& out) {
  const key k = find_key(s, r.key);
  const detail::cancel_answer answer = cancel_from_outside(s, k, s.time());
  const std::string ended = k.str() + " had ended before (" + std::string(to_string(answer.result.outcome)) + ")";
  if (answer.won) {
    report_change(s, k, k.str() + " is cancelled", out);
  } else if (answer.below > 0) {
    report_change(s, answer.one_below, ended + "; cancelled below it: " + futures(answer.below), out);
  } else {
    out.line(ended + "; nothing below it was open");
  }
  return exit_success;
}

int set_value(store& s, const request& r, output& out) {
  return set_outcome(s, r, *detail::make_success(detail::json_to_payload(r.value)), out);
}

int set_failure(store& s, const request& r, output& out) {
  return set_outcome(s, r, *detail::make_failure({errc::failed, r.value, {}, {}}), out);
}

int send_signal(store& s, const request& r, output& out) {
  const key k = find_key(s, r.key);
  if (r.signal.empty()) throw error(errc::invalid_argument, "a signal has a name");
  detail::check_name(r.signal, "a signal's name");
  const auto at = send_from_outside(s, {k, r.signal, detail::random_sending(), detail::json_to_payload(r.value)});
  if (!at) throw error(errc::invalid_argument, k.str() + " has a result already: nobody would receive a signal");
  report_change(s, *at, "sent to " + k.str(), out);
  return exit_success;
}

}  // namespace banyan::tools
