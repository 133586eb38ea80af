#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <banyan/future.hpp>

#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "actors/live_view.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "persistence/view_json.hpp"

namespace banyan {
namespace detail {
namespace {

/// Marks a function's thread as blocked for a scope, where it may block.
class blocking_scope {
 public:
  explicit blocking_scope(std::string_view call) : activation_(current_activation()) {
    if (activation_) activation_->enter_blocking(call);
  }
  ~blocking_scope() {
    if (activation_) activation_->leave_blocking();
  }
  blocking_scope(const blocking_scope&) = delete;
  blocking_scope& operator=(const blocking_scope&) = delete;

 private:
  activation* activation_;
};

/// What a thread that waits for a result shares with who brings it.
struct rendezvous {
  std::mutex mutex;
  std::condition_variable changed;
  outcome_ptr result;
  bool woken = false;
};

/// Takes a waiter off the list again.
class watch_guard {
 public:
  watch_guard(engine& e, const key& k, waiters::callback call)
      : engine_(e), key_(k), id_(e.watch(k, std::move(call))) {}
  ~watch_guard() { engine_.waiting().remove(key_, id_); }
  watch_guard(const watch_guard&) = delete;
  watch_guard& operator=(const watch_guard&) = delete;

 private:
  engine& engine_;
  const key key_;
  const waiters::id id_;
};

/// Waits for a result; null when `limit` has passed.
outcome_ptr await_result(engine& e, const key& k, std::optional<std::chrono::milliseconds> limit,
                         std::string_view call) {
  // Every activation is a cell's.
  if (const auto* cell = static_cast<const future_cell*>(current_activation())) cell->require_blocking(call);
  const auto shared = std::make_shared<rendezvous>();
  const watch_guard guard(e, k, [shared](const outcome_ptr& result) {
    const std::lock_guard lock(shared->mutex);
    shared->result = result;
    shared->woken = true;
    shared->changed.notify_all();
  });
  using clock = std::chrono::steady_clock;
  // A function that blocks hears of no message: it looks from time to time whether it is to stop.
  constexpr std::chrono::milliseconds look_interval{20};
  const activation* const inside = current_activation();
  const auto deadline = limit ? clock::now() + *limit : clock::time_point::max();
  {
    // A run that finds the result need not stop for it: after a crash it counts as one that went on.
    const std::lock_guard lock(shared->mutex);
    if (shared->result) return shared->result;
  }
  const blocking_scope scope(call);
  std::unique_lock lock(shared->mutex);
  for (;;) {
    if (shared->result) return shared->result;
    if (e.given_up()) e.require_running();
    if (e.stopping())
      throw error(errc::stopped, "the runtime was shut down; the future goes on when its store is opened again");
    if (const auto why = e.stalled(k)) throw error(*why);
    if (inside && inside->is_cancelled()) throw cancelled();
    if (clock::now() >= deadline) return nullptr;
    shared->woken = false;
    const auto woken = [&] { return shared->woken; };
    if (inside) {
      shared->changed.wait_until(lock, std::min(deadline, clock::now() + look_interval), woken);
    } else if (limit) {
      shared->changed.wait_until(lock, deadline, woken);
    } else {
      shared->changed.wait(lock, woken);
    }
  }
}

/// As above; goes on with the engine that takes the place of one that was given up.
outcome_ptr await_result(const future_handle& f, std::optional<std::chrono::milliseconds> limit,
                         std::string_view call) {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds between_looks{20};
  const auto deadline = limit ? clock::now() + *limit : clock::time_point::max();
  for (;;) {
    try {
      const auto e = open_engine(f);
      std::optional<std::chrono::milliseconds> left;
      if (limit) left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
      return await_result(*e, f.key(), left, call);
    } catch (const error& e) {
      if (e.code() != errc::store_fenced || current_activation()) throw;
    }
    if (clock::now() >= deadline) return nullptr;
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace

std::shared_ptr<engine> open_engine(const future_handle& f) {
  if (!f.valid()) throw error(errc::invalid_argument, "this handle names no future");
  auto e = engine::find(f.runtime_id());
  if (e) e->require_running();
  if (!e) throw error(errc::stopped, "the runtime of future " + f.key().str() + " was shut down");
  return e;
}

}  // namespace detail

detail::outcome_ptr future_handle::wait_outcome(std::optional<std::chrono::milliseconds> limit) const {
  detail::outcome_ptr result = detail::await_result(*this, limit, "get");
  if (!result) throw timeout("no result of " + key_.str() + " within " + std::to_string(limit->count()) + " ms");
  return result;
}

bool future_handle::wait_for(std::chrono::milliseconds d) const {
  return detail::await_result(*this, d, "wait_for") != nullptr;
}

banyan::status future_handle::status() const {
  return detail::live_view(detail::open_engine(*this)).require(key_).status;
}

banyan::progress future_handle::progress() const {
  return detail::live_view(detail::open_engine(*this)).require(key_).progress;
}

bool future_handle::cancel() const { return detail::open_engine(*this)->cancel(key_); }

bool future_handle::set_error(const std::string& message) const {
  return detail::open_engine(*this)->set_result(key_, detail::make_failure({errc::failed, message, {}, key_}));
}

bool future_handle::set_encoded_value(bytes value) const {
  return detail::open_engine(*this)->set_result(key_, detail::make_success(std::move(value)));
}

std::vector<future_handle> future_handle::children() const {
  detail::live_view view(detail::open_engine(*this));
  std::vector<future_handle> handles;
  for (const banyan::key& k : detail::child_keys(view, view.require(key_))) handles.emplace_back(k, runtime_);
  return handles;
}

std::string future_handle::to_json(std::size_t max_depth) const {
  detail::live_view view(detail::open_engine(*this));
  view.require(key_);
  std::string text;
  detail::view_json(view, key_, max_depth, detail::now_ms(), [&](std::string_view part) { text += part; });
  return text;
}

}  // namespace banyan
