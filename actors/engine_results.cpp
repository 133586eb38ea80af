#include <future>

#include "actors/engine.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "messages/handlers.hpp"

namespace banyan::detail {
namespace {

result_record record_of(const outcome& o, std::uint32_t attempts, bool settled, millis now) {
  result_record r;
  r.outcome = o.status;
  if (o.ok()) {
    r.value = o.value;
  } else {
    r.failure = *o.failure;
  }
  r.attempts = attempts;
  r.settled = settled;
  r.finished = now;
  return r;
}

bool is_step(std::string_view spec) {
  try {
    return !spec.empty() && decode_entry(spec).kind == entry_kind::step;
  } catch (const error&) {
    return false;
  }
}

/// Waits for a write for as long as it may be durable soon. Returns why it is not.
std::optional<error_info> await_write(const std::future<bool>& written, const journal& j) {
  constexpr std::chrono::milliseconds between_looks{50};
  const auto deadline = std::chrono::steady_clock::now() + store_patience;
  while (written.wait_for(between_looks) != std::future_status::ready) {
    if (auto trouble = j.lasting_trouble()) return trouble;
    if (std::chrono::steady_clock::now() >= deadline) {
      return error_info{
          errc::store_unavailable, "the store does not answer; the result may still be recorded later", {}, {}};
    }
  }
  return std::nullopt;
}

}  // namespace

void engine::record_result(const life_ptr& l, const outcome_ptr& result, std::uint32_t attempts,
                           const std::optional<descendants>& below) {
  const bool settled = below.has_value();
  result_record r = record_of(*result, attempts, settled, now_ms());
  r.started = l->started.load(std::memory_order_relaxed);
  r.gauge = l->progress();
  l->result_recorded.store(true, std::memory_order_relaxed);
  records_.write(l->durable, {write::what::result, l->self.family, l->self.index, 0, encode_result(r)},
                 [this, l, result, below, t = motion::token(motion_)](const write_outcome& o) {
                   outcome_ptr actual = result;
                   if (!o.won) {
                     // Somebody else was first. The actor may be gone, so what it knew is said here.
                     const result_record theirs = decode_result(o.existing);
                     if (below && !theirs.settled) record_settled(*l);
                     actual = outcome_of(theirs);
                   }
                   if (below) collector_.drop_descendants(*l, *below, actual->status);
                   result_durable(l, actual, below.has_value());
                 });
}

void engine::result_durable(const life_ptr& l, const outcome_ptr& result, bool settled) {
  l->status.store(result->status, std::memory_order_relaxed);
  if (settled) {
    l->set_settled();
    departed(*l);
  }
  waiters_.notify(l->self, result);
  if (l->parent) {
    const banyan::progress p = l->progress();
    post(*l->parent, child_done{l->self.index, l->parent_attempt, result, settled, p.calculated, p.weight});
  } else if (settled) {
    root_settled(l->self);
  }
  if (!settled) post(*l, result_recorded{result});
}

/// Of a result that was written while something was open below.
void engine::record_settled(life& l) {
  l.set_settled();
  records_.write(l.durable, {write::what::gauge, l.self.family, l.self.index, 0, encode_gauge(gauge_of(l, now_ms()))});
}

void engine::settle(const life_ptr& l) {
  record_settled(*l);
  if (l->parent) {
    post(*l->parent, child_settled{l->self.index, l->parent_attempt});
  } else {
    root_settled(l->self);
  }
}

void engine::root_settled(const key& k) {
  life_ptr root;
  {
    const std::lock_guard lock(roots_mutex_);
    const auto it = roots_.find(k.family);
    if (it == roots_.end()) return;
    root = std::move(it->second);
    roots_.erase(it);
  }
  records_.write(root->durable, {write::what::settle_root, k.family, 0, now_ms(), {}},
                 [t = motion::token(motion_)](const write_outcome&) {});
  collector_.root_settled(k.family, root->durable);
}

void engine::record_unstarted(const key& k, const life_ptr& parent, std::uint32_t attempt, bool durable,
                              const outcome_ptr& result, bool settled) {
  records_.write(durable,
                 {write::what::result, k.family, k.index, 0, encode_result(record_of(*result, 1, settled, now_ms()))},
                 [this, k, parent, attempt, result, settled, t = motion::token(motion_)](const write_outcome& o) {
                   const outcome_ptr actual = o.won ? result : outcome_of(decode_result(o.existing));
                   waiters_.notify(k, actual);
                   if (parent) {
                     tell_parent(k, parent, attempt, actual, settled);
                   } else {
                     root_settled(k);
                   }
                 });
}

/// Of a result of a child that has no actor.
void engine::tell_parent(const key& k, const life_ptr& parent, std::uint32_t attempt, const outcome_ptr& result,
                         bool settled) {
  const double done = result->ok() ? 1 : 0;
  post(*parent, child_done{k.index, attempt, result, settled, done, 1});
}

std::pair<life_ptr, std::uint32_t> engine::live_parent(const key& k) {
  const auto of = [&k](std::uint32_t attempt) { return is_adopted(k.index) ? adopted_attempt : attempt; };
  // The life that stands for it has the attempt that all guests of this family belong to.
  if (exchange_) {
    if (life_ptr parent = exchange_->parent_of(k)) return {parent, of(parent->attempt())};
  }
  const auto header = records_.header(k.family);
  if (!header) return {};
  return {live_.find(header->parent), of(header->attempt)};
}

/// Somebody else than the future itself has recorded this result.
void engine::deliver(const key& k, const outcome_ptr& result, bool handled) {
  if (const life_ptr l = live_.find(k)) {
    if (result->status == status::cancelled) l->request_stop(*result->failure);
    result_durable(l, result, false);
    hurry(k);
    return;
  }
  waiters_.notify(k, result);
  if (exchange_ && exchange_->pass_on(k, k)) return;
  const auto [parent, attempt] = live_parent(k);
  if (!parent) {
    if (exchange_) exchange_->announce(k);
    return;
  }
  parent->revoke_child(attempt, k.index);
  if (const life_ptr started_meanwhile = live_.find(k)) {
    started_meanwhile->request_stop({errc::cancelled, "it has a result from outside", {}, k});
    result_durable(started_meanwhile, result, false);
  } else {
    hurry(k);
    tell_parent(k, parent, attempt, result, !handled);
  }
}

/// Where nobody waits any more who could be told that the store cannot be read just now: tries again until it can.
void engine::deliver_late(const key& k, const outcome_ptr& result, bool handled, motion::token under_way,
                          std::chrono::milliseconds delay) {
  constexpr std::chrono::milliseconds after_trouble{1000};
  timers_.schedule(timers_.now() + delay, [this, k, result, handled, t = std::move(under_way)] {
    try {
      deliver(k, result, handled);
    } catch (const error& e) {
      log(log_level::warning, k.str() + " has its result, and who runs it is not told yet: " + e.what());
      if (!stopping()) deliver_late(k, result, handled, t, after_trouble);
    }
  });
}

bool engine::set_result(const key& k, const outcome_ptr& result) {
  const auto located = patiently([&] { return records_.find(k); });
  if (!located || located->found.spec.empty()) throw error(errc::not_found, "no future has the key " + k.str());
  const entry called = decode_entry(located->found.spec);
  if (called.kind == entry_kind::step || called.kind == entry_kind::signal) {
    throw error(errc::invalid_argument, k.str() + " is a recorded step, not a future");
  }
  if (result->ok()) {
    check_payload(result->value, settings_.limits.max_payload, settings_.limits.max_depth, "the value");
  }
  const bool handled = has_handlers(called.spec.settings());
  // Nothing runs of a promise.
  const bool settled = called.kind == entry_kind::promise && !handled;
  const auto attempts = static_cast<std::uint32_t>(located->found.attempts.size() + 1);
  struct answer {
    std::promise<bool> won;
    std::atomic<bool> abandoned{false};
  };
  const auto shared = std::make_shared<answer>();
  std::future<bool> won = shared->won.get_future();
  std::vector<write> group;
  const auto parent_is_here = [&] { return static_cast<bool>(live_parent(k).first); };
  if (located->durable && records_.backend().shared() && !live_.find(k) && !patiently(parent_is_here)) {
    // Who drives it is to hear of it. Without the result yet, a driver looks again for a while.
    group.push_back({write::what::notice, k.family, k.index, 0, {}});
  }
  group.push_back(
      {write::what::result, k.family, k.index, 0, encode_result(record_of(*result, attempts, settled, now_ms()))});
  records_.journal_of(located->durable)
      .submit(std::move(group), [this, k, result, handled, shared, t = motion::token(motion_)](const write_outcome& o) {
        shared->won.set_value(o.won);
        // Delivery reads the store: that is not for the journal's thread.
        if (o.won && shared->abandoned.load()) {
          deliver_late(k, result, handled, t, std::chrono::milliseconds(0));
        }
      });
  if (result->status == status::cancelled) patiently([&] { return stop_now(k, *result->failure); });
  const auto trouble = await_write(won, records_.journal_of(located->durable));
  if (trouble) {
    shared->abandoned.store(true);
    if (won.wait_for(std::chrono::seconds(0)) != std::future_status::ready) throw error(*trouble);
  }
  if (!won.get()) return false;
  patiently([&] { deliver(k, result, handled); });
  if (exchange_ && result->status == status::cancelled) halt_elsewhere(k, *result->failure);
  return true;
}

/// From here on nothing starts below a future that is being cancelled. Its record is on its way already: what
/// is written below it comes after it. False if neither it nor its parent is alive here.
bool engine::stop_now(const key& k, const error_info& why) {
  life_ptr l = live_.find(k);
  if (!l) {
    const auto [parent, attempt] = live_parent(k);
    if (parent) parent->revoke_child(attempt, k.index);
    l = live_.find(k);
    if (!l) return static_cast<bool>(parent);
  }
  l->request_stop(why);
  post(*l, stop_requested{});
  return true;
}

/// Waits until no node starts anything below a cancelled future any more. A node that does not answer is gone soon.
void engine::halt_elsewhere(const key& k, const error_info& why) {
  const auto halted = std::make_shared<std::promise<void>>();
  exchange_->halt(k, why, [halted] { halted->set_value(); });
  halted->get_future().wait_for(store_patience);
}

void engine::stop_child(const life& parent, const key& k) {
  if (const life_ptr child = live_.find(k)) {
    // Of a guest that this node has had since its parent was elsewhere.
    if (child->parent->far) child->request_stop(parent.stop_reason());
    post(*child, stop_requested{});
  } else if (!exchange_ || !exchange_->stop(k, parent.stop_reason())) {
    hurry(k);
  }
}

bool engine::cancel(const key& k) { return set_result(k, make_cancelled({errc::cancelled, "cancelled", {}, k})); }

void engine::cancel_child(const life_ptr& parent, const key& k, std::uint32_t attempt,
                          const child_table::child& child) {
  const error_info why{errc::cancelled, "cancelled: another one came first", {}, k};
  const life_ptr l = live_.find(k);
  if (l) {
    cancel_live(l, why);
  } else if (exchange_ && exchange_->is_away(k)) {
    records_.write(true, {write::what::result, k.family, k.index, 0,
                          encode_result(record_of(*make_cancelled(why), 1, false, now_ms()))});
    parent->revoke_child(attempt, k.index);
    exchange_->stop(k, why);
  } else {
    if (!child.promise) parent->revoke_child(attempt, k.index);
    hurry(k);
    record_unstarted(k, parent, attempt, parent->durable, make_cancelled(why), !child.handled);
  }
}

void engine::cancel_live(const life_ptr& l, const error_info& why) {
  records_.write(l->durable, {write::what::result, l->self.family, l->self.index, 0,
                              encode_result(record_of(*make_cancelled(why), 1, false, now_ms()))});
  l->request_stop(why);
  post(*l, stop_requested{});
}

bool engine::notice(const key& k) {
  const auto located = records_.find(k);
  if (!located) return false;
  if (is_message(k.index)) return notice_signal(k, located->found);
  if (located->found.result.empty()) return begin_submitted(k);
  try {
    deliver(k, outcome_of(decode_result(located->found.result)),
            has_handlers(decode_entry(located->found.spec).spec.settings()));
  } catch (const error& e) {
    log(log_level::error, k.str() + ": " + e.what());
  }
  return true;
}

void engine::notice_from_node(const key& k) {
  if (is_message(k.index)) {
    if (const auto located = records_.find(k)) static_cast<void>(tell_of_signal(k, located->found));
  } else if (live_.find(k) || exchange_->is_away(k) || live_parent(k).first) {
    notice(k);
  }
}

waiters::id engine::watch(const key& k, waiters::callback call) {
  const waiters::id waiter = waiters_.add(k, std::move(call));
  std::optional<records::located> located;
  try {
    located = records_.find(k);
  } catch (const error& e) {
    // Where it is looked for again and again, who waits need not hear that the store is away for a while.
    if (!records_.backend().shared() || e.code() != errc::store_unavailable) {
      waiters_.remove(k, waiter);
      throw;
    }
    return waiter;
  }
  if (!located) {
    waiters_.notify(k, make_missing(k));
  } else if (!located->found.result.empty()) {
    waiters_.notify(k, outcome_of(decode_result(located->found.result)));
  } else if (is_step(located->found.spec)) {
    waiters_.notify(k, make_failure({errc::invalid_argument, k.str() + " is a step of a future, not a future", {}, k}));
  }
  return waiter;
}

}  // namespace banyan::detail
