#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <banyan/fn.hpp>
#include <banyan/future.hpp>

#include "actors/option_value.hpp"
#include "actors/payload.hpp"

namespace banyan::detail {

/// What all shards of one source have in common.
struct map_plan {
  using pages = std::vector<std::pair<std::uint64_t, payload>>;

  fn<std::optional<std::uint64_t>(payload)> size;
  fn<std::vector<payload>(payload, std::uint64_t)> split;
  fn<std::optional<pages>(payload, std::uint64_t)> read;
  fn<pages(payload, std::uint64_t)> read_all;
  bool pure = false;
  fn<payload(payload)> map;
  fn<payload(payload, payload)> combine;  ///< calls nothing: results are dropped
  std::uint64_t page_size = 0;
  std::uint64_t shards = 0;
  bool count_first = false;
  option_value options;

  MSGPACK_DEFINE(size, split, read, read_all, pure, map, combine, page_size, shards, count_first, options)
};

/// A part of a source.
struct source_part {
  payload source;
  std::optional<std::uint64_t> count;    ///< of its elements, where it is known
  std::optional<future_handle> counted;  ///< resulted in an outline of it, where it is larger than a page

  MSGPACK_DEFINE(source, count, counted)
};

/// What a shard found out about its part of a source.
struct outline {
  std::optional<std::uint64_t> count;
  std::vector<source_part> parts;  ///< none: it is mapped as it is

  MSGPACK_DEFINE(count, parts)
};

/// What became of a shard.
struct mapped {
  std::uint64_t count = 0;
  std::vector<payload> result;  ///< none: nothing was mapped, or nobody wants it

  MSGPACK_DEFINE(count, result)
};

}  // namespace banyan::detail
