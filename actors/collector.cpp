#include "actors/collector.hpp"

#include <algorithm>

#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "persistence/drop_tree.hpp"

namespace banyan::detail {
namespace {

constexpr std::chrono::seconds longest_time{std::chrono::years{100}};

std::vector<family_id> families_below(const key& k, const descendants& below) {
  std::vector<family_id> families;
  for (std::uint32_t a = below.handlers ? handlers_attempt : 1; a <= below.attempts; ++a) {
    families.push_back(child_family(k, a));
  }
  return families;
}

}  // namespace

void collector::forget(const key& root) { forget_in(!engine_.data().store_of(false).root(root.family), root.family); }

void collector::forget_in(bool durable, const family_id& root) {
  journal& j = engine_.data().journal_of(durable);
  j.flush();
  drop_root(engine_.data().store_of(durable), root,
            [&](std::vector<write>&& batch) { j.submit(std::move(batch), {}); });
  j.flush();
}

std::size_t collector::collect(std::optional<std::chrono::seconds> age) {
  using std::chrono::milliseconds;
  std::size_t forgotten = 0;
  for (const bool durable : {true, false}) {
    store& s = engine_.data().store_of(durable);
    for (const family_id& family :
         age ? roots_settled_by(s, engine_.now_ms() - milliseconds(std::min(*age, longest_time)).count())
             : roots_to_forget(s, engine_.now_ms(), retention_)) {
      try {
        forget_in(durable, family);
        ++forgotten;
      } catch (const error& e) {
        // Somebody else has forgotten it meanwhile.
        if (e.code() != errc::not_found) throw;
      }
    }
  }
  return forgotten;
}

void collector::start() {
  thread_ = std::thread([this] { run(); });
}

void collector::run() {
  constexpr std::chrono::hours between{1};
  auto next_round = std::chrono::steady_clock::now();
  while (!engine_.stopping()) {
    try {
      drop_queued();
      expire_queued();
      if (next_round <= std::chrono::steady_clock::now()) {
        next_round += between;
        collect();
      }
    } catch (const error& e) {
      warn(e);
    }
    std::unique_lock lock(mutex_);
    wakes_.wait_until(lock, next_round,
                      [this] { return engine_.stopping() || !to_drop_.empty() || !to_expire_.empty(); });
  }
}

void collector::warn(const error& e) const {
  if (!engine_.stopping()) {
    engine_.log(log_level::warning, std::string("old records are not forgotten: ") + e.what());
  }
}

void collector::drop_descendants(const life& l, const descendants& below, status result) {
  if (below.attempts == 0) return;
  const auto drop_families = [&](bool durable) {
    journal& j = engine_.data().journal_of(durable);
    for (const family_id& family : families_below(l.self, below)) {
      j.submit({write::what::drop_family, family, 0, 0, {}}, {});
    }
  };
  // What is not durable is not kept.
  if (!l.durable || below.passing) drop_families(false);
  if (!l.durable) return;
  if (l.budget && l.budget->counted_above()) {
    // After a restart it is counted again; it goes when the future is settled whose budget it is.
    root_scattered(l.root()->self.family);
    return;
  }
  const bool drop = l.keep_records == keep::none || (l.keep_records == keep::failed && result == status::success);
  if (!drop) {
    expire_below(l, below, result);
  } else if (below.kept) {
    drop_later(l.self, below.attempts);
  } else {
    drop_families(true);
  }
}

void collector::root_begun(const family_id& root, bool resumed, std::optional<std::chrono::seconds> retention) {
  store& s = engine_.data().backend();
  if (!s.expires()) return;
  const std::lock_guard lock(mutex_);
  trees_[root] = {!resumed, s.setbacks(), time_to_live(retention)};
}

void collector::root_scattered(const family_id& root) {
  const std::lock_guard lock(mutex_);
  if (const auto tree = trees_.find(root); tree != trees_.end()) tree->second.in_order = false;
}

void collector::root_left(const family_id& root) {
  const std::lock_guard lock(mutex_);
  trees_.erase(root);
}

bool collector::in_order(driven_tree& t) const {
  t.in_order = t.in_order && t.setbacks == engine_.data().backend().setbacks();
  return t.in_order;
}

/// Of a future that failed, the next attempt of its parent takes over what is below it, however late that is.
void collector::expire_below(const life& l, const descendants& below, status result) {
  if (!engine_.data().backend().expires()) return;
  std::chrono::milliseconds after{0};
  {
    const std::lock_guard lock(mutex_);
    const auto tree = trees_.find(l.root()->self.family);
    if (tree == trees_.end()) return;
    if (l.parent && result != status::success) tree->second.in_order = false;
    if (!in_order(tree->second)) return;
    after = tree->second.time_to_live;
  }
  journal& j = engine_.data().journal_of(true);
  for (const family_id& family : families_below(l.self, below)) {
    j.submit({write::what::expire_family, family, 0, after.count(), {}}, {});
  }
}

/// A moment at least, for those who wait for the result elsewhere.
std::chrono::milliseconds collector::time_to_live(std::optional<std::chrono::seconds> own) const {
  constexpr std::chrono::seconds shortest{1};
  return std::clamp(own.value_or(retention_), shortest, longest_time);
}

void collector::root_settled(const family_id& family) {
  if (!engine_.data().backend().expires()) return;
  std::chrono::milliseconds after{0};
  {
    const std::lock_guard lock(mutex_);
    auto tree = trees_.extract(family);
    if (tree.empty()) return;
    after = tree.mapped().time_to_live;
    if (!in_order(tree.mapped())) {
      to_expire_.push_back({family, after});
      wakes_.notify_all();
      return;
    }
  }
  engine_.data().journal_of(true).submit({{write::what::expire_family, family, 0, after.count(), {}},
                                          {write::what::expire_root, family, 0, after.count(), {}}},
                                         {});
}

template <class Entry, class End>
void collector::work_off(std::vector<Entry>& queue, End end) {
  std::vector<Entry> queued;
  {
    const std::lock_guard lock(mutex_);
    queued.swap(queue);
  }
  if (queued.empty()) return;
  journal& j = engine_.data().journal_of(true);
  j.flush();
  for (const Entry& e : queued) {
    try {
      end(e, j);
    } catch (const error& failed) {
      warn(failed);
    }
  }
  j.flush();
}

void collector::expire_queued() {
  work_off(to_expire_, [this](const settled_root& root, journal& j) {
    expire_root(engine_.data().backend(), root.family, root.time_to_live, [&](std::vector<write>&& batch) {
      // It may take long: it ends when the engine stops.
      engine_.require_running();
      j.submit(std::move(batch), {});
    });
  });
}

void collector::drop_queued() {
  work_off(to_drop_, [this](const settled& s, journal& j) {
    drop_below(engine_.data().backend(), s.future, s.attempts,
               [&](std::vector<write>&& batch) { j.submit(std::move(batch), {}); });
  });
}

void collector::drop_later(const key& k, std::uint32_t attempts) {
  const std::lock_guard lock(mutex_);
  to_drop_.push_back({k, attempts, motion::token(engine_.moving())});
  wakes_.notify_all();
}

void collector::stop() {
  {
    const std::lock_guard lock(mutex_);
    wakes_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace banyan::detail
