#include "actors/option_rules.hpp"

#include <cmath>

#include <banyan/detail/recorded_run.hpp>

#include "messages/clock.hpp"
#include "messages/handlers.hpp"
#include "messages/names.hpp"

namespace banyan::detail {
namespace {

[[noreturn]] void reject(const char* why) { throw error(errc::invalid_argument, why); }

void check_placement(const placement& p) {
  if (p.how > placement::kind::on) reject("options: unknown placement");
  const bool takes_name = p.how == placement::kind::role || p.how == placement::kind::on;
  if (takes_name && p.name.empty()) reject("options: placement says no role or node");
  if (!takes_name && !p.name.empty()) reject("options: placement takes a name for role and on only");
}

void check_common(const options& opts) {
  if (opts.weight && !(*opts.weight >= 0)) reject("options: weight is a number that is not negative");
  if (opts.timeout && opts.timeout->count() <= 0) reject("options: timeout is longer than nothing");
  if (opts.start_after && opts.start_after->count() < 0) reject("options: start_after is not negative");
  if (opts.start_after && opts.start_at) reject("options: give start_after or start_at, not both");
  if (opts.on_parent_done > on_parent_done::detach) reject("options: unknown on_parent_done");
  if (opts.keep && *opts.keep > keep::none) reject("options: unknown keep");
  if (!opts.queue_key.empty() && opts.queue.empty()) reject("options: queue_key goes with a queue");
  check_placement(opts.placement);
  check_names(opts);
  if (opts.budget.descendants < 0) reject("options: a budget's descendants are not negative");
  if (opts.budget.depth < 1) reject("options: a budget's depth is at least 1");
  if (opts.budget.bytes < 1) reject("options: a budget's bytes are at least 1");
  check_retry(opts.retry);
  for (const event_handler& h : handlers_of(opts)) check_retry(h.call->retry);
}

}  // namespace

void check_retry(const retry_policy& retry) {
  if (retry.max_attempts == 0) reject("retry: max_attempts is at least 1");
  if (retry.first_delay.count() < 0 || retry.max_delay.count() < 0) reject("retry: delays are not negative");
  if (!(retry.factor >= 1 && std::isfinite(retry.factor))) reject("retry: factor is at least 1");
  if (!(retry.jitter >= 0 && retry.jitter <= 1)) reject("retry: jitter is from 0 to 1");
}

void check_child_options(const options& opts) {
  check_common(opts);
  if (!opts.id.empty()) reject("options: id is for roots; a child is named by its parent and its number");
  if (opts.retention) reject("options: retention is for roots; a child goes with its tree");
}

void check_adopted_options(const options& opts) {
  check_common(opts);
  check_id(opts.id.str());
  if (opts.retention) reject("options: retention is for roots; a child goes with its tree");
  if (!opts.durable) reject("options: what is adopted is as durable as its parent, durable = false is not for it");
}

void check_id(std::string_view id) { check_name(id, "options: id"); }

void check_handler_arguments(const options& opts, const limits& allowed) {
  for (const event_handler& h : handlers_of(opts)) check_handler_arguments(*h.call, h.event, allowed);
}

void check_handler_arguments(const handler_call& h, handler_event e, const limits& allowed) {
  check_payload(h.call.complete(0, {}), allowed.max_payload, allowed.max_depth,
                std::string(to_string(e)) + ": the bound arguments of " + h.call.function);
}

void check_root_options(const options& opts) {
  check_common(opts);
  if (opts.retention && opts.retention->count() < 0) reject("options: retention is not negative");
  if (opts.on_parent_done != on_parent_done::follow) reject("options: on_parent_done is for children");
}

millis start_time(const options& opts, millis now) {
  if (opts.start_after) return later(now, *opts.start_after);
  return opts.start_at ? to_millis(*opts.start_at) : 0;
}

std::shared_ptr<const options> recorded_options(const options& opts) {
  auto recorded = std::make_shared<options>(opts);
  recorded->id.clear();
  recorded->start_after.reset();
  recorded->start_at.reset();
  return recorded;
}

}  // namespace banyan::detail
