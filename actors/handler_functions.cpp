#include <typeinfo>

#include <banyan/context.hpp>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/option_rules.hpp"
#include "actors/payload.hpp"
#include "messages/handlers.hpp"

namespace banyan {
namespace detail {
namespace {

using handler_fn = fn<payload(future_handle)>;

/// A retry policy that travels.
struct retry_values {
  unsigned max_attempts;
  std::int64_t first_delay;
  double factor;
  std::int64_t max_delay;
  double jitter;

  retry_values() : retry_values(until_success) {}
  explicit retry_values(const retry_policy& p)
      : max_attempts(p.max_attempts),
        first_delay(p.first_delay.count()),
        factor(p.factor),
        max_delay(p.max_delay.count()),
        jitter(p.jitter) {}
  retry_policy policy() const {
    using std::chrono::milliseconds;
    return {max_attempts, milliseconds(first_delay), factor, milliseconds(max_delay), jitter};
  }
  MSGPACK_DEFINE(max_attempts, first_delay, factor, max_delay, jitter)
};

/// Tells the newest state for as long as there is no result; runs beside the future, and nothing of it is recorded.
task<> tell_progress(context& ctx, future_handle of, handler_fn call) {
  constexpr std::chrono::milliseconds shortest{100};  // ten a second
  constexpr std::chrono::milliseconds longest{1000};
  activation& a = require_activation("on_progress");
  banyan::progress told{0, 0, of.progress().weight};
  auto pause = shortest;
  while (true) {
    co_await wait_awaiter({wait_request::what::some, {&of.key(), 1}, a.clock_now() + pause});
    if (a.result_of(of.key())) co_return;
    const banyan::progress now = of.progress();
    const bool news = now != told;
    pause = news ? shortest : std::min(2 * pause, longest);
    if (!news) continue;
    told = now;
    try {
      co_await call(ctx, of);
    } catch (const cancelled&) {
      throw;
    } catch (const std::exception& e) {
      ctx.log("on_progress of " + of.key().str() + " failed: " + e.what());
    }
  }
}

/// A handler that was added by key.
task<> handle_late(context& ctx, unsigned event, future_handle of, handler_fn call, retry_values retry) {
  const auto kind = static_cast<handler_event>(event);
  if (kind == handler_event::progress) ctx.spawn({.keep = keep::none, .durable = false}, tell_progress, of, call);
  co_await wait_awaiter({wait_request::what::some, {&of.key(), 1}});
  const status result = require_activation("a handler").result_of(of.key())->status;
  const bool due = kind == handler_event::progress || (kind == handler_event::success) == (result == status::success);
  if (!due) co_return;
  co_await ctx.spawn({.name = to_string(kind), .retry = retry.policy()}, call, of);
}

/// Folds the results of the children of its newest attempt to the result of a future.
task<> fold_children(context& ctx, payload initial, fn<payload(payload, payload)> fold, future_handle of) {
  payload result = std::move(initial);
  std::optional<error_info> failed;
  try {
    for (const future_handle& child : of.children()) {
      const key k = child.key();
      co_await wait_awaiter({wait_request::what::some, {&k, 1}});
      payload part{value_or_throw(*require_activation("combine").result_of(k))};
      result = co_await fold(ctx, std::move(result), std::move(part));
    }
  } catch (const cancelled&) {
    throw;
  } catch (const error& e) {
    failed = e.info();
  } catch (const std::exception& e) {
    failed = error_info{errc::failed, e.what(), {}, of.key()};
  }
  const auto engine = open_engine(of);
  engine->set_result(of.key(), failed ? make_failure(*failed) : make_success(std::move(result.data)));
}

}  // namespace

void register_handler_functions() {
  static const registration progress("banyan.progress", tell_progress);
  static const registration handler("banyan.handler", handle_late);
  static const registration combine("banyan.combine", fold_children);
}

void check_handler(const handler_call& h, handler_event e, const std::type_info& result) {
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
  if (!engine->data().find(key_)) throw error(errc::not_found, "no future has the key " + key_.str());
  options opts{.name = detail::to_string(e)};
  opts.id = "banyan.handler " + std::string(detail::to_string(e)) + " " + key_.str() + " " + h.call.stable_id();
  detail::bytes_sink call;
  msgpack::packer<detail::bytes_sink> packer(call);
  detail::pack_call(packer, h.call);
  const detail::bound_call handler{"banyan.handler", 4,
                                   detail::encode(static_cast<unsigned>(e)) + detail::encode(key_) + call.data +
                                       detail::encode(detail::retry_values(h.retry))};
  engine->spawn_root(opts, handler.entry(), handler.complete(0, ""));
}

}  // namespace banyan
