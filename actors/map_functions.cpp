#include "actors/function_registry.hpp"
#include "actors/shard.hpp"

namespace banyan::detail {
namespace {

/// How many elements there are, if that is known without a look at them.
task<std::optional<std::uint64_t>> recorded_size(context& ctx, map_plan plan, payload source) {
  plan.size.call().entry();
  const auto size = [&] { return plan.size(ctx, source); };
  co_return co_await ctx.run("size", size);
}

/// Counts first, where that is asked for.
task<source_part> counted_whole(context& ctx, map_plan plan, payload source) {
  source_part whole{std::move(source), std::nullopt, std::nullopt};
  if (!plan.count_first) co_return whole;
  ctx.set_weight(unknown_weight);
  whole.count = co_await recorded_size(ctx, plan, whole.source);
  if (!whole.count) {
    options opts = plan.options.value;
    opts.weight = 0;
    opts.keep = keep::all;  // the shards look into it
    const future<outline> counting = ctx.spawn(opts, count_shard, plan, whole.source, 0);
    const outline found = co_await counting;
    whole.count = found.count;
    if (!found.parts.empty()) whole.counted = counting;
  }
  if (*whole.count > 0) ctx.set_weight(static_cast<double>(*whole.count));
  co_return whole;
}

task<mapped> map_whole(context& ctx, map_plan plan, payload source) {
  source_part whole = co_await counted_whole(ctx, plan, std::move(source));
  if (plan.pure && !whole.counted) {
    // One level less of what may hold all elements.
    shard top(ctx, plan, whole, 0);
    outline found = co_await top.look();
    if (!found.parts.empty()) co_return co_await top.map_parts(std::move(found));
  }
  options opts = plan.options.value;
  opts.weight = whole.count ? static_cast<double>(*whole.count) : unknown_weight;
  const future<mapped> all = ctx.spawn(opts, map_shard, plan, std::move(whole), 0);
  co_return co_await all;
}

task<payload> run_map_reduce(context& ctx, map_plan plan, payload source, payload initial) {
  const auto combine = plan.combine;
  mapped all = co_await map_whole(ctx, std::move(plan), std::move(source));
  if (all.result.empty()) co_return initial;
  co_return co_await combine(ctx, std::move(initial), std::move(all.result[0]));
}

task<std::uint64_t> run_for_each_page(context& ctx, map_plan plan, payload source) {
  const mapped all = co_await map_whole(ctx, std::move(plan), std::move(source));
  co_return all.count;
}

}  // namespace

void register_map_functions() {
  static const registration map_reduce("banyan.map_reduce", run_map_reduce);
  static const registration for_each("banyan.for_each_page", run_for_each_page);
  static const registration map("banyan.shard", map_shard);
  static const registration count("banyan.count", count_shard);
  register_own_sources();
}

}  // namespace banyan::detail
