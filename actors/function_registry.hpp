#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/function.hpp>

namespace banyan::detail {

/// The registered function of this name, or null. Entries live as long as the process.
const function_entry* find_function(std::string_view name);

/// Adds those that Banyan brings along. Idempotent.
void register_own_functions();
void register_handler_functions();
void register_map_functions();
void register_own_sources();

/// Those of all registered functions, sorted.
std::vector<std::string> function_names();

/// Counts up with each function that is registered.
std::uint64_t registry_generation();

/// What went wrong at registrations so far, one message each.
std::vector<std::string> registration_errors();

}  // namespace banyan::detail
