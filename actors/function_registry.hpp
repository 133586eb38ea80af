#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/function.hpp>

#include "messages/record.hpp"

namespace banyan::detail {

/// The registered function of this name that goes on with what began as this version: that of the lowest version which
/// is no lower; of `any_version` the newest. Null: there is none. Entries live as long as the process.
const function_entry* find_function(const function_ref& f);

/// Adds those that Banyan brings along. Idempotent.
void register_own_functions();
void register_handler_functions();
void register_map_functions();
void register_calls_in_turn();
void register_recurrence_functions();
void register_own_sources();

struct function_version {
  std::string name;
  std::uint32_t version = 1;
  auto operator<=>(const function_version&) const = default;
};

/// All registered functions, sorted.
std::vector<function_version> registered_functions();

/// Counts up with each function that is registered.
std::uint64_t registry_generation();

/// What went wrong at registrations so far, one message each.
std::vector<std::string> registration_errors();

}  // namespace banyan::detail
