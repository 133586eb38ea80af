#include <algorithm>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/future_cell.hpp"
#include "messages/family.hpp"

/// The handlers that a future's options hold. Their calls are members of a family of their own, that of attempt 0; the
/// number of one is its place among the handlers. While any may become due the future does not settle: it lingers.
namespace banyan::detail {

/// Before anything else that may end the future.
void future_cell::expect_handlers() {
  if (!has_handlers(settings())) return;
  handled_ = std::make_unique<handled>(settings());
  cycle_.child_lingers();
}

/// Finds what was called before.
void future_cell::load_handlers() {
  if (std::exchange(handled_->loaded, true) || !ticket_->history) return;
  const family_id family = child_family(life_->self, handlers_attempt);
  for (record& r : engine_.data().family(family, life_->durable)) {
    const std::uint64_t number = r.index;
    if (!r.spec.empty()) handled_->found.emplace(number, std::move(r));
  }
  handled_->header_written = !handled_->found.empty();
  handled_->homes = homes_of(family);
}

/// Those of its progress are called from a future beside it, for as long as this process and the future go on.
void future_cell::watch_progress() {
  if (!handled_ || settings().on_progress.empty()) return;
  load_handlers();
  const std::vector<event_handler>& all = handled_->plan.all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].event != handler_event::progress) continue;
    options opts{.name = to_string(handler_event::progress), .on_parent_done = on_parent_done::detach};
    opts.keep = keep::none;
    opts.durable = false;
    passing_below_ = true;
    bytes_sink call;
    msgpack::packer<bytes_sink> packer(call);
    pack_call(packer, all[i].call->call);
    const bound_call watch{"banyan.progress", 1, encode(life_->self)};
    start_handler(all.size() + i, {watch.function, watch.complete(1, call.data), opts}, std::nullopt);
  }
}

void future_cell::call_handlers(const std::vector<std::size_t>& due) {
  load_handlers();
  for (const std::size_t number : due) {
    try {
      call_handler(number);
    } catch (const error& e) {
      engine_.log(log_level::error, life_->self.str() + ": a handler is left out: " + e.message());
    }
  }
}

void future_cell::call_handler(std::size_t number) {
  auto earlier = handled_->found.extract(number);
  if (!earlier.empty() && is_settled(earlier.mapped())) return;
  const event_handler& h = handled_->plan.all()[number];
  const options opts{.name = to_string(h.event), .retry = h.call->retry, .on_parent_done = on_parent_done::detach};
  start_handler(number, {h.call->call.function, h.call->call.complete(1, encode(life_->self)), opts},
                earlier.empty() ? std::nullopt : std::optional(std::move(earlier.mapped())));
}

/// What an earlier run called, for whatever reason, goes on.
void future_cell::resume_calls() {
  load_handlers();
  std::vector<std::size_t> left;
  for (const auto& [number, r] : handled_->found) {
    if (number < handled_->plan.all().size()) left.push_back(number);
  }
  call_handlers(left);
}

void future_cell::start_handler(std::uint64_t number, handler_spec call, std::optional<record> earlier) {
  const key k{child_family(life_->self, handlers_attempt), number};
  const bool durable = life_->durable && call.opts.durable;
  spec_record spec;
  spec.function = std::move(call.function);
  spec.version = any_version;
  spec.arguments = std::move(call.arguments);
  spec.created = engine_.now_ms();
  spec.opts = std::make_shared<options>(std::move(call.opts));
  if (!earlier) {
    if (!std::exchange(handled_->header_written, true)) {
      engine_.data().write(life_->durable, {write::what::header, k.family, 0, 0,
                                            encode_header({life_->self, handlers_attempt, life_->level + 1})});
    }
    engine_.data().write(durable, {write::what::spec, k.family, number, 0, encode_spec(spec)});
  }
  if (life_->budget) life_->budget->count(budgets::slot_of(handlers_attempt, number), spec.arguments.size());
  rarely().lingering.emplace(handlers_attempt, number);
  cycle_.child_lingers();
  ticket_ptr t = make_ticket(k, life_, handlers_attempt, std::move(spec));
  if (earlier) {
    t->history = std::make_unique<ticket::past>();
    t->history->found = std::move(*earlier);
    t->history->read_again = true;
    t->history->homes = handled_->homes;
  }
  start_child(std::move(t));
}

/// Nothing of it runs but the calls of its handlers.
bool future_cell::rests() {
  if (cycle_.function_alive() || !all_children_settled()) return false;
  return !rare_ || std::ranges::all_of(rare_->lingering, [](const auto& l) { return l.first == handlers_attempt; });
}

/// After everything that happens: calls what has become due.
void future_cell::look_after_handlers() {
  if (!handled_ || finished_ || life_->parked()) return;
  handler_plan& plan = handled_->plan;
  const lifecycle::phase now = cycle_.current();
  const bool decided = now >= lifecycle::phase::decided;
  life_->rests.store(decided && rests(), std::memory_order_relaxed);
  const bool ended = !cycle_.function_alive() && (now == lifecycle::phase::outside || decided);
  if (plan.awaits_children() && ended && all_children_settled()) {
    const std::optional<status> result = cycle_.result() ? std::optional(cycle_.result()->status) : std::nullopt;
    call_handlers(plan.after_children(!failed_before_ && !children_.any_failed() && !any_adopted_failed(), result));
  }
  if (plan.awaits_result() && decided) call_handlers(plan.after_result(cycle_.result()->status));
  if (!plan.close()) return;
  resume_calls();
  apply(cycle_.lingering_child_closed());
}

/// The failure of a child is that of a function which has ended without a result: who could handle it is gone. Unless
/// it was heeded before, and nothing waits for all to succeed.
void future_cell::heed_children() {
  if (cycle_.current() != lifecycle::phase::outside) return;
  if (!settings().on_all_children_settled.empty()) return;
  const bool all_are_to_succeed = !settings().on_all_children_success.empty();
  if (const auto number = children_.first_failure(all_are_to_succeed)) {
    fail_for(*children_.find(*number)->result, child_key(*number), settings().retry);
  } else if (const auto adopted = rare_ ? rare_->adopted.first_failure(all_are_to_succeed) : std::nullopt) {
    // Another attempt would not run it again.
    fail_for(*rare_->adopted.find(*adopted)->result, adopted_key(*adopted), retry_policy{});
  }
}

void future_cell::fail_for(const outcome& of_child, const key& child, const retry_policy& retry) {
  error_info why = *of_child.failure;
  if (why.code == errc::cancelled) {
    why.message = "a child was cancelled: " + why.message;
    why.code = errc::failed;
  }
  if (!why.origin) why.origin = child;
  apply(cycle_.function_failed(make_failure(std::move(why)), true, retry));
}

}  // namespace banyan::detail
