#include <banyan/composition.hpp>

#include <banyan/combinators.hpp>
#include <banyan/context.hpp>

#include "actors/function_registry.hpp"
#include "actors/payload.hpp"

namespace banyan::detail {
namespace {

using payloads = std::vector<payload>;

task<payloads> run_in_sequence(context& ctx, std::vector<fn<payload(payloads)>> calls) {
  payloads results;
  for (const auto& call : calls) {
    const future<payload> step = ctx.spawn(call, results);
    results.push_back(co_await step);
  }
  co_return results;
}

task<payloads> run_in_parallel(context& ctx, std::vector<fn<payload()>> calls) {
  std::vector<future<payload>> children;
  children.reserve(calls.size());
  for (const auto& call : calls) children.push_back(ctx.spawn(call));
  co_return co_await all(std::move(children));
}

task<> run_void_in_sequence(context& ctx, std::vector<fn<void()>> calls) {
  for (const auto& call : calls) {
    const future<void> step = ctx.spawn(call);
    co_await step;
  }
}

task<> run_void_in_parallel(context& ctx, std::vector<fn<void()>> calls) {
  std::vector<future<void>> children;
  children.reserve(calls.size());
  for (const auto& call : calls) children.push_back(ctx.spawn(call));
  co_await all(std::move(children));
}

task<payload> run_after_void(context& ctx, future<void> first, fn<payload()> next) {
  co_await first;
  co_return co_await next(ctx);
}

task<payload> run_then(context& ctx, future<payload> first, fn<payload(payload)> next) {
  payload result = co_await first;
  co_return co_await next(ctx, std::move(result));
}

}  // namespace

void register_own_functions() {
  static const registration sequence("banyan.sequence", run_in_sequence);
  static const registration parallel("banyan.parallel", run_in_parallel);
  static const registration then("banyan.then", run_then);
  static const registration sequence_of_void("banyan.sequence_of_void", run_void_in_sequence);
  static const registration parallel_of_void("banyan.parallel_of_void", run_void_in_parallel);
  static const registration then_of_void("banyan.then_of_void", run_after_void);
  register_handler_functions();
  register_map_functions();
  register_calls_in_turn();
  register_recurrence_functions();
}

}  // namespace banyan::detail
