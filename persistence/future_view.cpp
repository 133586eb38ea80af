#include "persistence/future_view.hpp"

#include <algorithm>

#include "messages/family.hpp"
#include "messages/handlers.hpp"

namespace banyan::detail {
namespace {

/// Decodes one register. The first damage that is met is kept in the view.
template <class Decode>
auto guarded(future_view& v, Decode&& decode) -> std::optional<decltype(decode())> {
  try {
    return decode();
  } catch (const error& e) {
    if (!v.damage) v.damage = error_info{e.code(), e.message(), {}, v.key};
    return std::nullopt;
  }
}

void take_spec(future_view& v, spec_record&& spec) {
  v.promise = spec.kind == entry_kind::promise;
  v.name = spec.settings().name.empty() ? spec.function : spec.settings().name.str();
  v.handler_count = handlers_of(spec.settings()).size();
  v.function = std::move(spec.function);
  v.version = spec.version;
  v.arguments = std::move(spec.arguments);
  v.created = spec.created;
  v.start_at = spec.start_at;
  v.queue = spec.settings().queue.str();
  v.queue_key = spec.settings().queue_key.str();
  v.priority = spec.settings().priority;
  v.progress.weight = spec.settings().weight.value_or(1);
}

void take_gauge(future_view& v, gauge_record&& gauge) {
  v.status = gauge.status;
  v.progress = gauge.gauge;
  v.started = gauge.started;
  v.settled = gauge.settled;
  v.parked = std::move(gauge.parked);
}

/// `gauge_time` is when the gauge in `v` was written: what goes on below a future that has its result moves on only
/// there.
void take_result(future_view& v, result_record&& result, millis gauge_time) {
  v.status = result.outcome;
  v.value = std::move(result.value);
  v.failure = std::move(result.failure);
  v.settled = v.settled || result.settled;
  v.started = result.started;
  v.finished = result.finished;
  v.attempt = result.attempts;
  v.parked.clear();
  if (gauge_time <= result.finished) v.progress = result.gauge;
  if (v.status == status::success) v.progress = progress_of_success(v.progress);
}

void take_attempts(future_view& v, const std::vector<bytes>& attempts) {
  for (const bytes& data : attempts) {
    if (data.empty()) continue;
    if (auto info = guarded(v, [&] { return decode_error(data); })) v.failed_attempts.push_back(std::move(*info));
  }
}

/// Without a header the family holds a root.
future_place place_of(const family_header& header) { return {header.parent, header.level}; }

}  // namespace

std::optional<future_view> read_view(const key& k, const future_place& place, record&& r) {
  future_view v;
  v.key = k;
  v.parent = place.parent;
  v.level = place.level;
  if (auto e = guarded(v, [&] { return decode_entry(r.spec); })) {
    if (e->kind == entry_kind::step || e->kind == entry_kind::signal) return std::nullopt;
    take_spec(v, std::move(e->spec));
  }
  v.attempt = static_cast<std::uint32_t>(r.attempts.size() + 1);
  millis gauge_time = 0;
  if (!r.gauge.empty()) {
    if (auto gauge = guarded(v, [&] { return decode_gauge(r.gauge); })) {
      gauge_time = gauge->updated;
      take_gauge(v, std::move(*gauge));
    }
  }
  if (!r.result.empty()) {
    if (auto result = guarded(v, [&] { return decode_result(r.result); })) {
      take_result(v, std::move(*result), gauge_time);
    }
  }
  take_attempts(v, r.attempts);
  return v;
}

std::optional<future_view> view_future(view_source& source, const key& k) {
  std::optional<record> r = source.load(k);
  if (!r) return std::nullopt;
  future_view damaged;
  damaged.key = k;
  future_place place;
  if (const bytes header = source.header(k.family); !header.empty()) {
    if (const auto h = guarded(damaged, [&] { return decode_header(header); })) place = place_of(*h);
  }
  std::optional<future_view> v = read_view(k, place, std::move(*r));
  if (!v) throw error(errc::invalid_argument, k.str() + " is a step of a future, not a future");
  if (!v->damage) v->damage = std::move(damaged.damage);
  source.overlay(*v);
  return v;
}

namespace {

/// `wanted`: by their numbers.
void for_each_in(view_source& source, const family_id& family, const future_view& parent,
                 const std::function<void(future_view&&)>& visit, bool (*wanted)(std::uint64_t) = nullptr) {
  const future_place place{parent.key, parent.level + 1};
  source.scan(family, [&](record&& r) {
    if (is_message(r.index) || (wanted && !wanted(r.index))) return;
    const key k{family, r.index};
    if (std::optional<future_view> v = read_view(k, place, std::move(r))) {
      source.overlay(*v);
      visit(std::move(*v));
    }
  });
}

}  // namespace

void for_each_child(view_source& source, const future_view& parent, const std::function<void(future_view&&)>& visit) {
  if (parent.promise) return;
  for_each_in(source, child_family(parent.key, parent.attempt), parent, visit);
  // What it has adopted belongs to all its attempts.
  if (parent.attempt > 1) for_each_in(source, child_family(parent.key, 1), parent, visit, is_adopted);
}

void for_each_handler(view_source& source, const future_view& parent, const std::function<void(future_view&&)>& visit) {
  if (parent.handler_count == 0) return;
  for_each_in(source, child_family(parent.key, handlers_attempt), parent, [&](future_view&& call) {
    // Above are those that tell its progress, which nobody records.
    if (call.key.index < parent.handler_count) visit(std::move(call));
  });
}

std::vector<key> child_keys(view_source& source, const future_view& parent) {
  std::vector<key> keys;
  for_each_child(source, parent, [&](future_view&& v) { keys.push_back(v.key); });
  return keys;
}

std::optional<millis> runtime_of(const future_view& v, millis now) {
  if (v.started <= 0) return std::nullopt;
  return std::max<millis>(0, (v.finished > 0 ? v.finished : now) - v.started);
}

}  // namespace banyan::detail
