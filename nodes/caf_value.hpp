#pragma once

#include <caf/config_value.hpp>
#include <optional>

#include "nodes/settings.hpp"

namespace banyan::detail {

/// What CAF read, as a setting's value. Nothing: it is of a kind that no key takes.
std::optional<setting_value> from_caf(const ::caf::config_value& v);

}  // namespace banyan::detail
