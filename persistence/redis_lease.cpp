#include "persistence/redis_lease.hpp"

#include <algorithm>
#include <climits>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

constexpr std::chrono::milliseconds shortest_lease{100};
/// Renewed so many times in its length.
constexpr int renewals = 5;
/// Tried so many times in its length when it could not be renewed.
constexpr int tries = 20;

}  // namespace

redis_settings redis_lease::settings_of(redis_settings s, const session_options& session) {
  const auto length = session.lease;
  if (length < shortest_lease) {
    throw error(errc::invalid_argument, s.describe() + ": a lease of " + std::to_string(length.count()) +
                                            " ms is too short, it has to be of at least " +
                                            std::to_string(shortest_lease.count()) + " ms");
  }
  if (session.fenced) s.command_timeout = std::min(s.command_timeout, length / renewals);
  return s;
}

redis_lease::redis_lease(redis_servers& servers, const redis_layout& layout, const redis_scripts& scripts,
                         const session_options& session, std::string_view holder)
    : length_(session.lease),
      line_(settings_of(servers.settings(), session)),
      scripts_(scripts),
      store_name_(servers.settings().describe()),
      name_(layout.driver),
      key_(layout.lease(layout.driver)),
      layout_key_(layout.layout),
      claim_(lease_claim::mine(holder)),
      value_(claim_.str()) {
  take_or_throw();
  if (session.fenced) watch_.emplace(length_, asked_);
  line_.caller.measure(key_, clock_);
  thread_ = std::thread([this] { keep(); });
}

redis_lease::~redis_lease() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    wakes_.notify_all();
  }
  thread_.join();
  // It expires.
  if (watch_ && watch_->over()) return;
  try {
    line_.caller.call(key_, {"EVALSHA", scripts_.name(redis_script::end_lease), "1", key_, value_});
  } catch (const error&) {
    // It expires.
  }
}

bool redis_lease::take() {
  asked_ = boot_clock::now();
  const std::string ms = std::to_string(length_.count());
  if (!is_nil(*line_.caller.call(key_, {"SET", key_, value_, "NX", "PX", ms}))) return true;
  // The answer to an earlier try may have been lost.
  return text_of(*line_.caller.call(key_, {"GET", key_})) == value_;
}

void redis_lease::take_or_throw() {
  constexpr std::chrono::milliseconds between_looks{100};
  redis_caller& caller = line_.caller;
  long long left = LLONG_MAX;
  auto give_up = std::chrono::steady_clock::time_point::max();
  while (!take()) {
    const redis_reply found = caller.call(key_, {"GET", key_});
    if (is_nil(*found) || end_if_dead(caller, scripts_, key_, text_of(*found))) continue;
    const long long now_left = caller.call(key_, {"PTTL", key_})->integer;
    const auto now = std::chrono::steady_clock::now();
    // The holder's lease may be of another length than ours.
    if (left == LLONG_MAX) give_up = now + std::chrono::milliseconds(now_left) + between_looks;
    // Who renews it is alive.
    if (now_left > left || now >= give_up) {
      const lease_claim theirs = lease_claim::parse(text_of(*found));
      throw error(errc::store_busy, store_name_ + ": a runtime named '" + name_ + "' drives it: " + theirs.holder +
                                        " (process " + theirs.pid + "); stop it, or use another name");
    }
    left = now_left;
    std::this_thread::sleep_for(between_looks);
  }
}

void redis_lease::keep() {
  auto pause = length_ / renewals;
  std::unique_lock lock(mutex_);
  while (!wakes_.wait_for(lock, pause, [this] { return over_; })) {
    lock.unlock();
    try {
      renew();
      pause = length_ / renewals;
    } catch (const error&) {
      // Whoever writes meets the same trouble and says so.
      pause = length_ / tries;
    }
    lock.lock();
    if (watch_ && watch_->over()) return;
  }
}

void redis_lease::renew() {
  // Nobody is to be kept waiting by a lease that we do not use.
  if (watch_ && watch_->over()) return;
  const auto asked = boot_clock::now();
  const redis_reply holder = line_.caller.call(
      key_, {"EVALSHA", scripts_.name(redis_script::renew_lease), "1", key_, value_, std::to_string(length_.count())});
  const bool ours = text_of(*holder) == value_;
  if (watch_) ours ? watch_->renewed(asked) : watch_->lost();
  if (is_nil(*line_.caller.call(layout_key_, {"GET", layout_key_}))) emptied_.store(true);
  if (!watch_) lost_.store(!(is_nil(*holder) ? take() : ours));
  line_.caller.measure(key_, clock_);
}

void redis_lease::expect_not_fenced() const {
  if (!watch_ || !watch_->over()) return;
  throw error(errc::store_fenced, store_name_ + ": '" + name_ + "' could not renew its lease of " +
                                      std::to_string(length_.count()) +
                                      " ms in time, others may drive now what it drove: start anew");
}

void redis_lease::expect_held() const {
  expect_not_fenced();
  if (emptied_.load()) {
    throw error(errc::store_corrupt,
                store_name_ + ": its records are gone, somebody has emptied it or it has lost them: start anew");
  }
  if (!lost_.load()) return;
  throw error(errc::store_busy, store_name_ + ": another runtime named '" + name_ +
                                    "' has taken over, because this one could not renew its lease");
}

void redis_lease::refuse() {
  if (watch_) watch_->lost();
  expect_held();
  throw error(errc::store_unavailable, store_name_ + ": '" + name_ + "' does not hold its lease at the moment");
}

void redis_lease::on_fenced(std::function<void()> call) {
  if (watch_) watch_->on_over(std::move(call));
}

bool redis_lease::held(redis_caller& caller, const redis_layout& layout, std::string_view name) {
  const std::string key = layout.lease(name);
  const redis_reply found = caller.call(key, {"GET", key});
  return !is_nil(*found) && !lease_claim::parse(text_of(*found)).known_dead();
}

bool redis_lease::end_if_dead(redis_caller& caller, const redis_scripts& scripts, const std::string& key,
                              std::string_view found) {
  if (!lease_claim::parse(found).known_dead()) return false;
  caller.call(key, {"EVALSHA", scripts.name(redis_script::end_lease), "1", key, found});
  return true;
}

}  // namespace banyan::detail
