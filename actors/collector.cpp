#include "actors/collector.hpp"

#include "actors/clock.hpp"
#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "persistence/drop_tree.hpp"

namespace banyan::detail {

void collector::forget(const key& root) { forget_in(!engine_.data().store_of(false).root(root.family), root.family); }

void collector::forget_in(bool durable, const family_id& root) {
  journal& j = engine_.data().journal_of(durable);
  j.flush();
  drop_root(engine_.data().store_of(durable), root,
            [&](std::vector<write>&& batch) { j.submit(std::move(batch), {}); });
  j.flush();
}

std::size_t collector::collect(std::chrono::seconds age) {
  const millis until = now_ms() - std::chrono::milliseconds(age).count();
  std::size_t forgotten = 0;
  for (const bool durable : {true, false}) {
    for (const family_id& family : roots_settled_by(engine_.data().store_of(durable), until)) {
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

void collector::start(std::chrono::seconds retention) {
  retention_ = retention;
  thread_ = std::thread([this] { run(); });
}

void collector::run() {
  constexpr std::chrono::hours between{1};
  auto next_round = std::chrono::steady_clock::now();
  while (!engine_.stopping()) {
    try {
      drop_queued();
      if (next_round <= std::chrono::steady_clock::now()) {
        next_round += between;
        collect(retention_);
      }
    } catch (const error& e) {
      warn(e);
    }
    std::unique_lock lock(mutex_);
    wakes_.wait_until(lock, next_round, [this] { return engine_.stopping() || !to_drop_.empty(); });
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
    for (std::uint32_t a = 1; a <= below.attempts; ++a) {
      j.submit({write::what::drop_family, child_family(l.self, a), 0, 0, {}}, {});
    }
  };
  // What is not durable is not kept.
  if (!l.durable || below.passing) drop_families(false);
  if (!l.durable) return;
  const bool drop = l.keep_records == keep::none || (l.keep_records == keep::failed && result == status::success);
  if (!drop) return;
  if (below.kept) {
    drop_later(l.self, below.attempts);
  } else {
    drop_families(true);
  }
}

void collector::drop_later(const key& k, std::uint32_t attempts) {
  const std::lock_guard lock(mutex_);
  to_drop_.push_back({k, attempts, motion::token(engine_.moving())});
  wakes_.notify_all();
}

void collector::drop_queued() {
  std::vector<settled> queued;
  {
    const std::lock_guard lock(mutex_);
    queued.swap(to_drop_);
  }
  if (queued.empty()) return;
  journal& j = engine_.data().journal_of(true);
  j.flush();
  for (const settled& s : queued) {
    try {
      drop_below(engine_.data().backend(), s.future, s.attempts,
                 [&](std::vector<write>&& batch) { j.submit(std::move(batch), {}); });
    } catch (const error& e) {
      warn(e);
    }
  }
  j.flush();
}

void collector::stop() {
  {
    const std::lock_guard lock(mutex_);
    wakes_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace banyan::detail
