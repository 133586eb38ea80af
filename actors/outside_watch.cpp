#include "actors/outside_watch.hpp"

#include <algorithm>

#include "actors/engine.hpp"

namespace banyan::detail {

void outside_watch::start() {
  if (!engine_.data().backend().shared()) return look_by_timer();
  thread_ = std::thread([this] {
    while (!engine_.stopping()) {
      engine_.data().backend().await_hint(interval);
      look();
    }
  });
}

void outside_watch::stop() {
  engine_.data().backend().stop_hints();
  if (thread_.joinable()) thread_.join();
}

void outside_watch::look_by_timer() {
  engine_.clock().schedule(engine_.clock().now() + interval, [this] {
    look();
    look_by_timer();
  });
}

void outside_watch::look() {
  if (engine_.stopping()) return;
  try {
    take_notices();
    if (!engine_.data().backend().shared()) return;
    engine_.set_clock();
    look_elsewhere();
    engine_.drive_unclaimed();
  } catch (const error& e) {
    // A node that is given up has said so.
    if (engine_.stopping() || e.code() == errc::store_fenced) return;
    engine_.log(log_level::warning, std::string("cannot look for what other programs changed: ") + e.what());
  }
}

void outside_watch::take_notices() {
  // A store without transactions may give the notice before the result.
  constexpr std::chrono::seconds longest_gap{60};
  const auto now = std::chrono::steady_clock::now();
  for (const key& k : engine_.data().backend().take_notices()) noticed_.insert_or_assign(k, now);
  std::erase_if(noticed_, [&](const auto& n) { return engine_.notice(n.first) || now - n.second > longest_gap; });
}

void outside_watch::look_elsewhere() {
  // So that notices are not held up: the others have their turn at the next look.
  constexpr std::size_t most_at_once = 256;
  const std::vector<key> waited_for = engine_.waiting().keys();
  for (std::size_t i = 0; i < std::min(waited_for.size(), most_at_once); ++i) {
    const key& k = waited_for[look_from_++ % waited_for.size()];
    const life_ptr l = engine_.live().find(k);
    if (l && !is_final(l->status.load(std::memory_order_relaxed))) continue;
    const auto r = engine_.data().backend().load(k);
    if (r && !r->result.empty()) engine_.waiting().notify(k, outcome_of(decode_result(r->result)));
  }
}

}  // namespace banyan::detail
