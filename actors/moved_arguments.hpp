#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/key.hpp>

namespace banyan::detail {

/// The arguments of a call as another attempt of the parent makes it.
struct moved_arguments {
  bytes arguments;
  std::vector<std::uint64_t> children;  ///< the numbers of those whose keys are among them
};

/// What is left where each key of a child of the family `from` stands for its sibling in `to`, the one of the same
/// number. Nothing: there is no such key. Pure.
std::optional<moved_arguments> move_arguments(bytes arguments, const family_id& from, const family_id& to);

}  // namespace banyan::detail
