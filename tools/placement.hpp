#pragma once

#include <string_view>

#include <banyan/options.hpp>

namespace banyan::tools {

/// Reads "local", "spread", "least_loaded", "role:NAME" or "on:NAME". Throws `error` (`invalid_argument`).
placement parse_placement(std::string_view text);

}  // namespace banyan::tools
