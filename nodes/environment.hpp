#pragma once

#include <string>
#include <vector>

#include "nodes/given_settings.hpp"

namespace banyan::detail {

/// The settings in an environment: `NAME=VALUE` texts, and a null at their end. An empty variable counts as none.
/// Throws `error` (`invalid_argument`) that names the variable and what it takes.
given_settings read_environment(const char* const* environment);

/// For each variable that looks like a mistyped one of ours: what it is, and which one may be meant. Other variables
/// that begin with BANYAN_ are nobody's mistake: Kubernetes makes such for a service called banyan.
std::vector<std::string> find_mistyped(const char* const* environment);

}  // namespace banyan::detail
