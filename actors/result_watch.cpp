#include <banyan/detail/result_watch.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <vector>

#include <banyan/future.hpp>

#include "actors/blocking_scope.hpp"
#include "actors/engine.hpp"
#include "messages/family.hpp"

namespace banyan::detail {
namespace {

using clock = std::chrono::steady_clock;

/// What a thread that waits for results shares with who brings them.
struct rendezvous {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<outcome_ptr> results;
  std::vector<std::size_t> arrived;  ///< those that are there, in the order in which they came
  outcome_ptr missing;               ///< of one that does not exist
  bool failed = false;               ///< one is no success
  bool stalled = false;              ///< one may have been parked
  bool woken = false;

  void take(std::size_t number, const outcome_ptr& result) {
    const std::lock_guard lock(mutex);
    if (!result) stalled = true;
    if (result && result->missing) {
      missing = result;
    } else if (result && !results[number]) {
      results[number] = result;
      arrived.push_back(number);
      failed = failed || !result->ok();
    }
    woken = true;
    changed.notify_all();
  }
};

}  // namespace

struct result_watch::state {
  explicit state(std::string_view c) : call(c) {}
  ~state() { look_no_more(); }

  /// Takes the waiters off the list again.
  void look_no_more() {
    if (const auto e = watched.lock()) {
      for (std::size_t i = 0; i < watches.size(); ++i) e->waiting().remove(futures[i].key(), watches[i]);
    }
    watches.clear();
  }

  void look(const std::shared_ptr<engine>& e) {
    if (watched.lock() != e) look_no_more();
    watched = e;
    while (watches.size() < futures.size()) {
      const std::size_t i = watches.size();
      watches.push_back(
          e->watch(futures[i].key(), [shared = shared, i](const outcome_ptr& result) { shared->take(i, result); }));
    }
  }

  bool enough(std::size_t count, bool or_failure) const {
    return shared->arrived.size() >= count || (or_failure && shared->failed);
  }

  /// Throws why a future that is open cannot get a result.
  void check_open(engine& e) const {
    if (shared->missing) throw error(errc::not_found, shared->missing->failure->message);
    if (!std::exchange(shared->stalled, false)) return;
    for (std::size_t i = 0; i < futures.size(); ++i) {
      if (shared->results[i]) continue;
      if (const auto why = e.stalled(futures[i].key())) throw error(*why);
    }
  }

  bool wait(engine& e, std::size_t count, bool or_failure, clock::time_point deadline);

  const std::string_view call;
  std::vector<future_handle> futures;
  std::vector<waiters::id> watches;  ///< of the first of them, at the engine that is watched
  std::weak_ptr<engine> watched;
  const std::shared_ptr<rendezvous> shared = std::make_shared<rendezvous>();
};

bool result_watch::state::wait(engine& e, std::size_t count, bool or_failure, clock::time_point deadline) {
  // A function that blocks hears of no message: it looks from time to time whether it is to stop.
  constexpr std::chrono::milliseconds look_interval{20};
  const activation* const inside = current_activation();
  {
    // A run that finds the results need not stop for them: after a crash it counts as one that went on.
    const std::lock_guard lock(shared->mutex);
    if (enough(count, or_failure)) return true;
    // Who asks again is told again.
    shared->stalled = true;
  }
  const blocking_scope scope(call);
  std::unique_lock lock(shared->mutex);
  for (;;) {
    if (enough(count, or_failure)) return true;
    if (e.given_up()) e.require_running();
    if (e.stopping()) {
      throw error(errc::stopped, "the runtime was shut down; the future goes on when its store is opened again");
    }
    check_open(e);
    if (inside && inside->is_cancelled()) throw cancelled();
    if (clock::now() >= deadline) return false;
    shared->woken = false;
    const auto woken = [&] { return shared->woken; };
    if (inside) {
      shared->changed.wait_until(lock, std::min(deadline, clock::now() + look_interval), woken);
    } else if (deadline != clock::time_point::max()) {
      shared->changed.wait_until(lock, deadline, woken);
    } else {
      shared->changed.wait(lock, woken);
    }
  }
}

result_watch::result_watch(std::string_view call) : state_(std::make_unique<state>(call)) {}
result_watch::result_watch(result_watch&&) noexcept = default;
result_watch& result_watch::operator=(result_watch&&) noexcept = default;
result_watch::~result_watch() = default;

void result_watch::add(const future_handle& f) {
  require_name(f);
  if (activation* const inside = current_activation()) inside->heed({&f.key(), 1});
  const std::lock_guard lock(state_->shared->mutex);
  state_->futures.push_back(f);
  state_->shared->results.emplace_back();
}

std::size_t result_watch::size() const { return state_->futures.size(); }

std::size_t result_watch::arrival(std::size_t n) const {
  const std::lock_guard lock(state_->shared->mutex);
  return state_->shared->arrived[n];
}

outcome_ptr result_watch::result(std::size_t number) const {
  const std::lock_guard lock(state_->shared->mutex);
  return state_->shared->results[number];
}

bool result_watch::waits_for_children(const activation& parent) const {
  const family_id children = child_family(parent.own_key(), parent.attempt());
  return std::ranges::any_of(state_->futures, [&](const future_handle& f) { return f.key().family == children; });
}

bool result_watch::wait(std::size_t count, bool or_failure, std::optional<std::chrono::milliseconds> limit) {
  constexpr std::chrono::milliseconds between_looks{20};
  constexpr std::chrono::hours for_ever{24 * 365 * 100};
  const auto deadline = limit && *limit < for_ever ? clock::now() + std::max(*limit, std::chrono::milliseconds(0))
                                                   : clock::time_point::max();
  if (state_->futures.empty()) return true;
  // Whether a child has its result already would be chance.
  if (const activation* const inside = current_activation(); inside && waits_for_children(*inside)) {
    const blocking_scope may_block(state_->call);
  }
  for (;;) {
    try {
      const auto e = open_engine(state_->futures.front());
      state_->look(e);
      return state_->wait(*e, count, or_failure, deadline);
    } catch (const error& e) {
      if (e.code() != errc::store_fenced || current_activation()) throw;
    }
    if (clock::now() >= deadline) return false;
    std::this_thread::sleep_for(between_looks);
  }
}

}  // namespace banyan::detail
