#include "actors/shard.hpp"

#include <algorithm>

#include <banyan/combinators.hpp>

namespace banyan::detail {
namespace {

/// Parts of parts are smaller by a factor; a source whose are not is not to go on for ever.
constexpr std::uint64_t deepest = 64;

std::uint64_t elements_in(const map_plan::pages& pages) {
  std::uint64_t all = 0;
  for (const auto& page : pages) all += page.first;
  return all;
}

/// Throws where this program does not know one, before a step could record that.
void expect_known(const map_plan& plan) {
  for (const bound_call* call : {&plan.size.call(), &plan.split.call(), &plan.read.call(), &plan.read_all.call()}) {
    call->entry();
  }
}

}  // namespace

task<outline> shard::look() {
  // What follows from its own value alone needs no record.
  if (plan_.pure && !part_.counted) co_return co_await look_here();
  expect_known(plan_);
  const auto here = [this] { return look_here(); };
  co_return co_await ctx_.run("look", here);
}

task<outline> shard::look_here() {
  if (part_.counted) {
    const future<outline> counted(*part_.counted);
    try {
      co_return co_await counted;
    } catch (const failure& e) {
      // It was counted in another tree, of which this one is a retry, and which was forgotten.
      if (e.code() != errc::not_found) throw;
    }
  }
  outline found{part_.count, {}};
  if (!found.count) found.count = co_await plan_.size(ctx_, part_.source);
  if (!found.count) {
    pages_ = co_await plan_.read(ctx_, part_.source, plan_.page_size);
    if (pages_) found.count = elements_in(*pages_);
  }
  const bool fits = found.count && *found.count <= plan_.page_size;
  if (!fits) found.parts = co_await split(found.count);
  co_return found;
}

/// No more parts than it takes, where that is known. None: it cannot be split.
task<std::vector<source_part>> shard::split(std::optional<std::uint64_t> count) {
  std::uint64_t most = plan_.shards;
  if (count) most = std::min(most, (*count - 1) / plan_.page_size + 1);
  if (depth_ >= deepest) {
    throw permanent_failure(plan_.split.function() + ": after " + std::to_string(deepest) +
                            " splits its parts are still larger than a page");
  }
  std::vector<payload> sources = co_await plan_.split(ctx_, part_.source, most);
  std::vector<source_part> parts;
  if (sources.size() < 2) co_return parts;
  if (sources.size() > most) {
    throw permanent_failure(plan_.split.function() + " was to make at most " + std::to_string(most) +
                            " parts and made " + std::to_string(sources.size()));
  }
  for (payload& s : sources) {
    if (s.data == part_.source.data) throw permanent_failure(plan_.split.function() + ": a part is the whole again");
    const std::optional<std::uint64_t> size = co_await plan_.size(ctx_, s);
    parts.push_back({std::move(s), size, std::nullopt});
  }
  co_return parts;
}

task<> shard::read_pages() {
  if (!pages_) pages_ = co_await plan_.read_all(ctx_, part_.source, plan_.page_size);
}

task<> shard::add(mapped& sum, mapped one) {
  sum.count += one.count;
  if (!plan_.combine || one.result.empty()) co_return;
  if (sum.result.empty()) {
    sum.result = std::move(one.result);
  } else {
    sum.result[0] = co_await plan_.combine(ctx_, std::move(sum.result[0]), std::move(one.result[0]));
  }
}

task<mapped> shard::map_pages() {
  co_await read_pages();
  ctx_.set_weight(static_cast<double>(elements_in(*pages_)));
  mapped sum;
  for (auto& [count, page] : *pages_) {
    mapped one{count, {}};
    one.result.push_back(co_await plan_.map(ctx_, std::move(page)));
    co_await add(sum, std::move(one));
    ctx_.set_progress(static_cast<double>(sum.count));
  }
  co_return sum;
}

task<mapped> shard::map_parts(outline all) {
  if (all.count) ctx_.set_weight(static_cast<double>(*all.count));
  std::vector<future<mapped>> shards;
  for (source_part& part : all.parts) {
    options opts = plan_.options.value;
    opts.weight = part.count ? static_cast<double>(*part.count) : unknown_weight;
    shards.push_back(ctx_.spawn(opts, map_shard, plan_, std::move(part), depth_ + 1));
  }
  mapped sum;
  std::vector<mapped> results = co_await banyan::all(std::move(shards));
  for (mapped& one : results) co_await add(sum, std::move(one));
  ctx_.set_weight(static_cast<double>(sum.count));
  co_return sum;
}

task<outline> shard::count_parts(outline all) {
  if (all.parts.empty() && !all.count) {
    co_await read_pages();
    all.count = elements_in(*pages_);
  }
  if (all.count) co_return all;
  options opts = plan_.options.value;
  opts.weight = 0;
  std::vector<future<outline>> counts;
  std::vector<source_part*> uncounted;
  for (source_part& part : all.parts) {
    if (part.count) continue;
    uncounted.push_back(&part);
    counts.push_back(ctx_.spawn(opts, count_shard, plan_, part.source, depth_ + 1));
  }
  const std::vector<outline> found = co_await banyan::all(counts);
  for (std::size_t i = 0; i < found.size(); ++i) {
    uncounted[i]->count = found[i].count;
    if (!found[i].parts.empty()) uncounted[i]->counted = counts[i];
  }
  all.count = 0;
  for (const source_part& part : all.parts) *all.count += part.count.value();
  co_return all;
}

task<mapped> map_shard(context& ctx, map_plan plan, source_part part, std::uint64_t depth) {
  shard s(ctx, std::move(plan), std::move(part), depth);
  outline found = co_await s.look();
  if (found.parts.empty()) co_return co_await s.map_pages();
  co_return co_await s.map_parts(std::move(found));
}

task<outline> count_shard(context& ctx, map_plan plan, payload source, std::uint64_t depth) {
  shard s(ctx, std::move(plan), {std::move(source), std::nullopt, std::nullopt}, depth);
  outline found = co_await s.look();
  co_return co_await s.count_parts(std::move(found));
}

}  // namespace banyan::detail
