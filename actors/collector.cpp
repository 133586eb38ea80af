#include "actors/collector.hpp"

#include <algorithm>

#include "actors/blocking_scope.hpp"
#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "persistence/drop_tree.hpp"

namespace banyan::detail {
namespace {

constexpr std::chrono::seconds longest_time{std::chrono::years{100}};
constexpr std::chrono::hours between_rounds{1};

std::vector<family_id> families_below(const key& k, const descendants& below) {
  std::vector<family_id> families;
  for (std::uint32_t a = below.handlers ? handlers_attempt : 1; a <= below.attempts; ++a) {
    families.push_back(child_family(k, a));
  }
  return families;
}

}  // namespace

void collector::forget(const key& root) {
  const bool durable = !engine_.data().store_of(false).root(root.family);
  await_settled(engine_.data().store_of(durable), root);
  forget_in(durable, root.family);
}

/// What has just been cancelled is about to be.
void collector::await_settled(store& s, const key& root) const {
  constexpr std::chrono::milliseconds longest_pause{100};
  const auto is_near = [&] {
    const auto listed = s.root(root.family);
    if (!listed || listed->settled != 0) return false;
    const auto r = s.load(root);
    return r && !r->result.empty() && decode_result(r->result).outcome == status::cancelled;
  };
  if (!is_near()) return;
  const blocking_scope may_block("forget");
  const auto deadline = std::chrono::steady_clock::now() + store_patience;
  for (std::chrono::milliseconds pause{1}; is_near(); pause = std::min(2 * pause, longest_pause)) {
    if (std::chrono::steady_clock::now() >= deadline) return;
    engine_.require_running();
    std::this_thread::sleep_for(pause);
  }
}

void collector::forget_in(bool durable, const family_id& root) {
  journal& j = engine_.data().journal_of(durable);
  j.flush();
  drop_root(engine_.data().store_of(durable), root,
            [&](std::vector<write>&& batch) { j.submit(std::move(batch), {}); });
  j.flush();
}

bool collector::forget_settled(bool durable, const family_id& root) {
  try {
    forget_in(durable, root);
    return true;
  } catch (const error& e) {
    if (e.code() != errc::not_found) throw;
    return false;
  }
}

std::size_t collector::collect(std::optional<std::chrono::seconds> age) {
  using std::chrono::milliseconds;
  std::size_t forgotten = 0;
  for (const bool durable : {true, false}) {
    store& s = engine_.data().store_of(durable);
    const millis now = engine_.now_ms();
    std::vector<family_id> roots;
    if (age) {
      roots = roots_settled_by(s, now - milliseconds(std::min(*age, longest_time)).count());
    } else {
      for (const due_root& root : roots_to_forget(s, now, retention_)) roots.push_back(root.family);
    }
    for (const family_id& family : roots) {
      if (forget_settled(durable, family)) ++forgotten;
    }
  }
  return forgotten;
}

/// What is to be forgotten until the next round.
void collector::look_ahead() {
  for (const bool durable : {true, false}) {
    const millis now = engine_.now_ms();
    const millis end = now + std::chrono::milliseconds(between_rounds).count();
    for (const due_root& root : roots_to_forget(engine_.data().store_of(durable), end, retention_)) {
      const std::lock_guard lock(mutex_);
      due_.emplace(std::chrono::steady_clock::now() + std::chrono::milliseconds(std::max(root.due - now, millis{0})),
                   ending_root{durable, root.family});
    }
  }
}

void collector::start() {
  thread_ = std::thread([this] { run(); });
}

void collector::run() {
  auto next_round = std::chrono::steady_clock::now();
  while (!engine_.stopping()) {
    try {
      drop_queued();
      expire_queued();
      if (next_round <= std::chrono::steady_clock::now()) {
        next_round += between_rounds;
        look_ahead();
      }
      forget_due();
    } catch (const error& e) {
      warn(e);
    }
    std::unique_lock lock(mutex_);
    const auto next_due = [this] {
      return due_.empty() ? std::chrono::steady_clock::time_point::max() : due_.begin()->first;
    };
    const auto until = std::min(next_round, next_due());
    wakes_.wait_until(lock, until, [&] {
      return engine_.stopping() || !to_drop_.empty() || !to_expire_.empty() || next_due() < until;
    });
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

void collector::root_begun(const family_id& root, bool durable, bool resumed,
                           std::optional<std::chrono::seconds> retention) {
  store& s = engine_.data().store_of(durable);
  const std::lock_guard lock(mutex_);
  if (s.expires()) {
    trees_[root] = {!resumed, s.setbacks(), time_to_live(retention)};
  } else if (retention && *retention < between_rounds) {
    brief_[root] = time_to_live(retention);
  }
}

void collector::root_scattered(const family_id& root) {
  const std::lock_guard lock(mutex_);
  if (const auto tree = trees_.find(root); tree != trees_.end()) tree->second.in_order = false;
}

void collector::root_left(const family_id& root) {
  const std::lock_guard lock(mutex_);
  trees_.erase(root);
  brief_.erase(root);
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

void collector::root_settled(const family_id& family, bool durable) {
  if (engine_.data().store_of(durable).expires()) return expire_settled(family);
  const std::lock_guard lock(mutex_);
  const auto brief = brief_.extract(family);
  if (brief.empty()) return;
  due_.emplace(std::chrono::steady_clock::now() + brief.mapped(), ending_root{durable, family});
  wakes_.notify_all();
}

void collector::expire_settled(const family_id& family) {
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

void collector::forget_due() {
  std::vector<ending_root> roots;
  {
    const std::lock_guard lock(mutex_);
    const auto end = due_.upper_bound(std::chrono::steady_clock::now());
    for (auto it = due_.begin(); it != end; it = due_.erase(it)) roots.push_back(it->second);
  }
  for (const ending_root& root : roots) {
    // Its id may stand for another tree by now.
    const auto at = forgotten_at(engine_.data().store_of(root.durable), root.family, retention_);
    if (at && *at <= engine_.now_ms()) forget_settled(root.durable, root.family);
  }
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
