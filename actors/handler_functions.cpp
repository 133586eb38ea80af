#include <typeinfo>

#include <banyan/context.hpp>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/option_rules.hpp"
#include "actors/payload.hpp"
#include "messages/handlers.hpp"
#include "messages/names.hpp"

namespace banyan {
namespace detail {
namespace {

constexpr const char* combine_function = "banyan.combine";

using handler_fn = fn<payload(future_handle)>;

/// As the handle says it, without a look at its record where it runs.
banyan::progress newest_progress(const future_handle& of) {
  const life_ptr l = open_engine(of)->live().find(of.key());
  return l && !is_final(l->status.load(std::memory_order_relaxed)) ? l->progress() : of.progress();
}

/// Tells the newest state for as long as there is no result; runs beside the future, and nothing of it is recorded.
/// Where there is much to do, it is late, and rests for longer, so that the work goes on under any number of them.
task<> tell_progress(context& ctx, future_handle of, handler_fn call) {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  constexpr milliseconds shortest{100};  // ten a second
  constexpr milliseconds longest{1000};
  constexpr milliseconds longest_rest{5000};
  activation& a = require_activation("on_progress");
  banyan::progress told;
  milliseconds pause = shortest;
  while (true) {
    const auto due = a.clock_now() + pause;
    co_await wait_awaiter({wait_request::what::some, {&of.key(), 1}, due});
    if (a.result_of(of.key())) co_return;
    const milliseconds late = duration_cast<milliseconds>(a.clock_now() - due);
    try {
      const banyan::progress now = newest_progress(of);
      const bool news = now != told;
      pause = (news ? shortest : std::min(2 * pause, longest)) + std::clamp(4 * late, milliseconds{0}, longest_rest);
      if (!news) continue;
      told = now;
      co_await call(ctx, of);
    } catch (const cancelled&) {
      throw;
    } catch (const std::exception& e) {
      ctx.log("on_progress of " + of.key().str() + " failed: " + e.what());
    }
  }
}

bool is_forgotten(const outcome& o) { return o.failure && o.failure->code == errc::not_found; }

/// A handler that was added by key.
task<> handle_late(context& ctx, future_handle of, payload encoded) {
  const auto [kind, added] = decode_handler(encoded.data);
  const handler_fn call(added.call);
  if (kind == handler_event::progress) ctx.spawn({.keep = keep::none, .durable = false}, tell_progress, of, call);
  co_await wait_awaiter({wait_request::what::some, {&of.key(), 1}});
  const outcome_ptr found = require_activation("a handler").result_of(of.key());
  // Later it may be forgotten.
  const int recorded =
      co_await ctx.run("result", [&] { return is_forgotten(*found) ? -1 : static_cast<int>(found->status); });
  if (recorded < 0) {
    ctx.log(of.key().str() + " was forgotten before its handler was called");
    co_return;
  }
  const bool good = static_cast<status>(recorded) == status::success;
  if (kind != handler_event::progress && (kind == handler_event::success) != good) co_return;
  co_await ctx.spawn({.name = to_string(kind), .retry = added.retry}, call, of);
}

/// A value that is none for this runtime is a failure.
void give(const future_handle& f, const outcome_ptr& result) {
  const auto engine = open_engine(f);
  try {
    engine->set_result(f.key(), result);
  } catch (const error& e) {
    if (e.code() != errc::too_large && e.code() != errc::bad_payload) throw;
    engine->set_result(f.key(), make_failure(e.info()));
  }
}

/// Folds the results of the children of its newest attempt to the result of a future.
task<> fold_children(context& ctx, payload initial, fn<payload(payload, payload)> fold, future_handle of) {
  payload result = std::move(initial);
  std::optional<error_info> failed;
  for (const future_handle& child : of.children()) {
    const key k = child.key();
    co_await wait_awaiter({wait_request::what::some, {&k, 1}});
    payload part{value_or_throw(*require_activation("combine").result_of(k))};
    try {
      result = co_await fold(ctx, std::move(result), std::move(part));
    } catch (const cancelled&) {
      throw;
    } catch (const error& e) {
      // Another program may know it.
      if (e.code() == errc::unknown_function) throw;
      failed = e.info();
    } catch (const std::exception& e) {
      failed = error_info{errc::failed, cut_message(e.what()), {}, of.key()};
    }
    if (failed) break;
  }
  give(of, failed ? make_failure(*failed) : make_success(std::move(result.data)));
}

}  // namespace

void register_handler_functions() {
  static const registration progress("banyan.progress", tell_progress);
  static const registration handler("banyan.handler", handle_late);
  static const registration combine(combine_function, fold_children);
}

void check_handler(const handler_call& h, handler_event e, const std::type_info& result) {
  if (h.call.function == combine_function && e != handler_event::all_children_success) {
    throw error(errc::invalid_argument, std::string(to_string(e)) + ": combine is for on_all_children_success");
  }
  if (!h.takes || *h.takes == result) return;
  throw error(errc::invalid_argument, std::string(to_string(e)) + ": the handler " + h.call.function +
                                          " takes a future of another type than this one results in");
}

void check_handlers(const options& opts, const std::type_info& result) {
  for (const event_handler& h : handlers_of(opts)) check_handler(*h.call, h.event, result);
}

}  // namespace detail

void future_handle::add_handler(detail::handler_event e, const detail::handler_call& h,
                                const std::type_info& result) const {
  detail::check_handler(h, e, result);
  detail::check_retry(h.retry);
  const auto engine = detail::open_engine(*this);
  const auto located = engine->patiently([&] { return engine->data().find(key_); });
  if (!located) throw error(errc::not_found, "no future has the key " + key_.str());
  if (!located->durable) {
    throw error(errc::invalid_argument, key_.str() + " is not durable: it takes handlers when it is spawned, no later");
  }
  detail::check_handler_arguments(h, e, engine->config().limits);
  const bytes encoded = detail::encode_handler(e, h);
  options opts{.name = detail::to_string(e), .retry = until_success};
  opts.id = "banyan.handler " + key_.str() + " " + encoded;
  const detail::bound_call handler{"banyan.handler", 2, detail::encode(key_) + encoded};
  engine->spawn_root(opts, {handler.function, handler.entry().version}, handler.complete(0, ""));
}

}  // namespace banyan
