#pragma once

#include <functional>
#include <vector>

#include <banyan/runtime.hpp>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// The nodes that share a store; none where it cannot be shared. `connected` says of which it is known that they can be
/// talked to.
std::vector<node_info> list_nodes(store& s, const std::function<bool(incarnation_id)>& connected);

}  // namespace banyan::detail
