#include "actors/map_plan.hpp"

#include <banyan/map_reduce.hpp>

#include "actors/option_rules.hpp"

namespace banyan::detail {

bound_call map_call(const char* function, const source_calls& source, bytes source_value, const bound_call& map,
                    const bound_call& combine, const std::optional<bytes>& initial, const map_options& opts) {
  if (opts.page_size == 0) throw error(errc::invalid_argument, "map_options: page_size is at least 1");
  if (opts.shards < 2) throw error(errc::invalid_argument, "map_options: shards is at least 2");
  map_plan plan;
  options& shard = plan.options.value;
  shard.retry = opts.retry;
  shard.placement = opts.placement;
  shard.queue = opts.queue;
  shard.queue_key = opts.queue_key;
  shard.priority = opts.priority;
  check_child_options(shard);
  plan.size = decltype(plan.size)(source.size);
  plan.split = decltype(plan.split)(source.split);
  plan.read = decltype(plan.read)(source.read);
  plan.read_all = decltype(plan.read_all)(source.read_all);
  plan.pure = source.pure;
  plan.map = decltype(plan.map)(map);
  plan.combine = decltype(plan.combine)(combine);
  plan.page_size = opts.page_size;
  plan.shards = opts.shards;
  plan.count_first = opts.count_first;
  return {function, initial ? 3u : 2u, encode(plan) + std::move(source_value) + initial.value_or(bytes())};
}

}  // namespace banyan::detail
