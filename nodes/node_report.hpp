#pragma once

#include <string>

#include "nodes/given_settings.hpp"

namespace banyan::detail {

/// What a node would run with: a line for each key with its value and who gave it, then the functions. No secrets.
std::string describe_configuration(const runtime_options& opts, const given_settings& given);

/// "node a listens on 127.0.0.1:4711, 3 functions, store redis://127.0.0.1:6379"
/// `address`: where it listens; empty: nowhere.
std::string ready_line(const runtime_options& opts, const std::string& address);

}  // namespace banyan::detail
