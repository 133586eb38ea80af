#pragma once

#include <nlohmann/json.hpp>
#include <string>

/// What a cluster costs that does nothing, and what the loss of a node does.
namespace bench {

/// From when the lease of a node is over that ran so many futures, until all of them run here.
nlohmann::ordered_json measure_takeover(const std::string& store, int futures);
/// CPU and memory of nodes that have nothing to do.
nlohmann::ordered_json measure_idle(const std::string& store, int nodes);
/// Memory of so many suspended children on another node, there and at their parent's.
nlohmann::ordered_json measure_held(const std::string& store, int children);

}  // namespace bench
