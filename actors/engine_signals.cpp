#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "persistence/signals.hpp"

namespace banyan::detail {

bool engine::send(const signal_record& s) {
  check_payload(s.value, settings_.limits.max_payload, settings_.limits.max_depth, "the signal " + s.name);
  const auto look = [&] { return records_.find(s.to); };
  const auto located = patiently(look);
  if (!located || located->found.spec.empty()) throw error(errc::not_found, "no future has the key " + s.to.str());
  if (!takes_signals(s.to, located->found)) return false;
  if (const life_ptr l = live_.find(s.to)) l->has_more.store(true, std::memory_order_relaxed);
  journal& j = records_.journal_of(located->durable);
  const key at = patiently([&] {
    return append_signal(records_.store_of(located->durable), s,
                         [&](const write& w) { return j.commit({w}, store_patience); });
  });
  if (!patiently(look)) {
    // It was forgotten meanwhile, with all that was below it.
    j.submit({write::what::drop_family, at.family, 0, 0, {}}, {});
    return false;
  }
  if (const life_ptr l = live_.find(s.to)) {
    post(*l, signalled{});
  } else {
    patiently([&] { tell_elsewhere(s.to, at, located->durable); });
  }
  return true;
}

/// Says that there is a signal, or a request, to a future that is not alive here.
void engine::tell_elsewhere(const key& to, const key& at, bool durable) {
  if (durable && records_.backend().shared() && !live_parent(to).first) {
    // Who drives it is to hear of it; by the signal, which is there, it finds out who that is.
    records_.write(true, {write::what::notice, at.family, at.index, 0, {}});
    if (exchange_) exchange_->announce(at);
  } else if (exchange_ && !exchange_->pass_on(to, at)) {
    exchange_->announce(at);
  }
}

/// False if this program does not know where the future runs that it was sent to.
bool engine::tell_of_signal(const key& at, const record& found) try {
  const signal_record signal = decode_entry(found.spec).signal;
  const key& to = signal.to;
  if (const life_ptr l = live_.find(to)) {
    if (is_request(at.index)) {
      decide_adoption(l, at, signal.value);
      return true;
    }
    l->has_more.store(true, std::memory_order_relaxed);
    post(*l, signalled{});
    return true;
  }
  return exchange_ && exchange_->pass_on(to, at);
} catch (const error& e) {
  log(log_level::error, at.str() + ": " + e.what());
  return true;
}

/// Of a notice in the store.
bool engine::notice_signal(const key& at, const record& signal) {
  if (!tell_of_signal(at, signal) && exchange_) exchange_->announce(at);
  return true;
}

}  // namespace banyan::detail
