#pragma once

#include <functional>
#include <string_view>

#include <banyan/runtime.hpp>

namespace banyan::detail {

/// Writes warnings and errors to stderr, and more where the environment variable BANYAN_LOG says so
/// (`debug`, `info`, `warning`, `error`, `off`).
std::function<void(log_level, std::string_view)> default_log();

}  // namespace banyan::detail
