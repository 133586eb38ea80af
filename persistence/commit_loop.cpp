#include "persistence/commit_loop.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "persistence/trouble.hpp"

namespace banyan::detail {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 1ms;
constexpr auto longest_pause = 1000ms;
constexpr auto between_warnings = 5s;

/// Gives a write that lost to its own earlier copy its victory back. Of two equal writes to one register only the
/// first can be the one whose copy is there.
void credit_own_copies(std::span<const write> writes, std::span<write_outcome> outcomes) {
  std::set<std::tuple<write::what, key, std::int64_t>> seen;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const write& w = writes[i];
    if (w.kind == write::what::drop_family) seen.clear();
    if (!is_once(w)) continue;
    const std::uint64_t index = w.kind == write::what::header ? 0 : w.index;
    const std::int64_t number = w.kind == write::what::attempt ? w.number : 0;
    const bool first = seen.emplace(w.kind, key{w.family, index}, number).second;
    if (first && !outcomes[i].won && outcomes[i].existing == w.value) outcomes[i] = {};
  }
}

}  // namespace

commit_loop::ending commit_loop::run(std::span<const write> writes, std::span<write_outcome> outcomes,
                                     std::optional<steady_time> deadline, const std::function<void()>& meanwhile) {
  std::optional<error_info> trouble;
  const bool stopped = stopped_.load(std::memory_order_relaxed);
  if (!stopped) trouble = try_once(writes, outcomes, meanwhile);
  if (meanwhile) meanwhile();
  if (stopped) return ending::stopped;
  if (!trouble) return ending::done;
  {
    const std::lock_guard lock(mutex_);
    ++in_trouble_;
  }
  const ending end = retry(std::move(*trouble), writes, outcomes, deadline);
  leave_trouble(end == ending::done);
  if (end == ending::done) credit_own_copies(writes, outcomes);
  return end;
}

std::optional<error_info> commit_loop::try_once(std::span<const write> writes, std::span<write_outcome> outcomes,
                                                const std::function<void()>& meanwhile) {
  try {
    if (meanwhile) {
      store_.commit_meanwhile(writes, outcomes, meanwhile);
    } else {
      store_.commit(writes, outcomes);
    }
    return std::nullopt;
  } catch (const error& e) {
    return e.info();
  } catch (const std::exception& e) {
    return error_info{errc::store_unavailable, store_.describe() + ": " + e.what(), {}, {}};
  }
}

commit_loop::ending commit_loop::retry(error_info trouble, std::span<const write> writes,
                                       std::span<write_outcome> outcomes, std::optional<steady_time> deadline) {
  const steady_time since = std::chrono::steady_clock::now();
  std::chrono::milliseconds length = first_pause;
  for (;;) {
    const bool lasting = !may_pass(trouble.code);
    // Nothing that waits here may be written any more.
    if (trouble.code == errc::store_fenced) return ending::stopped;
    note(trouble, lasting, writes.size());
    const steady_time now = std::chrono::steady_clock::now();
    if (deadline && (lasting || now >= *deadline)) return ending::gave_up;
    steady_time next = now + (lasting ? longest_pause : length);
    if (deadline) next = std::min(next, *deadline);
    if (!pause_until(next, since)) return ending::stopped;
    length = std::min<std::chrono::milliseconds>(length * 2, longest_pause);
    std::ranges::fill(outcomes, write_outcome{});
    std::optional<error_info> again = try_once(writes, outcomes, {});
    if (!again) return ending::done;
    trouble = std::move(*again);
  }
}

void commit_loop::note(const error_info& trouble, bool lasting, std::size_t writes) {
  bool warn = false;
  bool fresh = false;
  {
    const std::lock_guard lock(mutex_);
    const steady_time now = std::chrono::steady_clock::now();
    const auto last = warned_.find(trouble.code);
    warn = warn_ && (last == warned_.end() || now - last->second >= between_warnings);
    if (warn) warned_[trouble.code] = now;
    fresh = lasting && !lasting_;
    if (lasting) lasting_ = trouble;
  }
  if (warn) warn_(trouble.message + "; " + std::to_string(writes) + " writes wait and are tried again");
  if (fresh && wake_) wake_();
}

bool commit_loop::pause_until(steady_time end, steady_time since) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stopped_) return false;
    const std::optional<steady_time> last =
        bound_ ? std::optional(std::max(since, bound_->from) + bound_->patience) : std::nullopt;
    const steady_time now = std::chrono::steady_clock::now();
    if (last && now >= *last) {
      stopped_ = true;
      changed_.notify_all();
      return false;
    }
    if (now >= end) return true;
    changed_.wait_until(lock, last ? std::min(end, *last) : end);
  }
}

void commit_loop::lose_patience(std::chrono::milliseconds patience) {
  const std::lock_guard lock(mutex_);
  bound_ = bound{std::chrono::steady_clock::now(), patience};
  changed_.notify_all();
}

void commit_loop::leave_trouble(bool over) {
  {
    const std::lock_guard lock(mutex_);
    --in_trouble_;
    if (over) lasting_.reset();
  }
  changed_.notify_all();
}

void commit_loop::stop(std::chrono::milliseconds grace) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, grace, [&] { return in_trouble_ == 0; });
  stopped_ = true;
  changed_.notify_all();
}

std::optional<error_info> commit_loop::lasting_trouble() const {
  const std::lock_guard lock(mutex_);
  return lasting_;
}

}  // namespace banyan::detail
