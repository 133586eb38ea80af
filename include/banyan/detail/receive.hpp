#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <banyan/codec.hpp>
#include <banyan/detail/activation.hpp>
#include <banyan/task.hpp>

namespace banyan::detail {

/// Waits for a signal and records it; nothing: none came in time.
task<std::optional<bytes>> receive(activation& a, std::string name, std::optional<std::chrono::milliseconds> limit);

}  // namespace banyan::detail
