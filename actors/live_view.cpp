#include "actors/live_view.hpp"

#include "actors/engine.hpp"

namespace banyan::detail {

future_view live_view::require(const key& k) {
  const life_ptr alive_before = engine_->live().find(k);
  auto v = view_future(*this, k);
  // It may have ended between the two looks, at its record and at what is alive.
  if (v && alive_before && !is_final(v->status) && !engine_->live().find(k)) v = view_future(*this, k);
  if (v) return std::move(*v);
  throw error(errc::not_found, "no future has the key " + k.str());
}

std::optional<record> live_view::load(const key& k) {
  auto located = engine_->data().find(k);
  if (!located) return std::nullopt;
  return std::move(located->found);
}

bytes live_view::header(const family_id& family) {
  const auto found = engine_->data().header(family);
  return found ? encode_header(*found) : bytes();
}

void live_view::scan(const family_id& family, const std::function<void(record&&)>& visit) {
  engine_->data().journal_of(true).flush();
  for (record& r : engine_->data().family(family, true)) visit(std::move(r));
}

void live_view::overlay(future_view& v) {
  if (v.settled) return;
  const life_ptr l = engine_->live().find(v.key);
  if (!l) return;
  if (is_final(v.status)) {
    v.rests = l->rests.load(std::memory_order_relaxed);
    return;
  }
  // A result shows only once it is recorded.
  const status now = l->status.load(std::memory_order_relaxed);
  v.status = is_final(now) ? status::waiting : now;
  v.progress = l->progress();
  if (const millis started = l->started.load(std::memory_order_relaxed)) v.started = started;
  if (const auto why = l->parked()) v.parked = std::string(to_string(why->code)) + ": " + why->message;
}

}  // namespace banyan::detail
