#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <banyan/context.hpp>

#include "actors/map_plan.hpp"

namespace banyan::detail {

/// One shard's work, as a part of the future that runs. It lives in the frame of that future's function.
class shard {
 public:
  shard(context& ctx, map_plan plan, source_part part, std::uint64_t depth)
      : ctx_(ctx), plan_(std::move(plan)), part_(std::move(part)), depth_(depth) {}
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;

  /// Finds out whether it is larger than a page. A re-run gets the same answer.
  task<outline> look();
  /// Maps its own pages.
  task<mapped> map_pages();
  /// Lets children map the parts, each a shard.
  task<mapped> map_parts(outline all);
  /// Lets children count the parts that are not counted.
  task<outline> count_parts(outline all);

 private:
  task<outline> look_here();
  task<std::vector<source_part>> split(std::optional<std::uint64_t> count);
  task<> read_pages();
  task<> add(mapped& sum, mapped one);

  context& ctx_;
  const map_plan plan_;
  const source_part part_;
  const std::uint64_t depth_;
  std::optional<map_plan::pages> pages_;  ///< once they are read
};

/// The functions of the futures.
task<mapped> map_shard(context& ctx, map_plan plan, source_part part, std::uint64_t depth);
task<outline> count_shard(context& ctx, map_plan plan, payload source, std::uint64_t depth);

}  // namespace banyan::detail
