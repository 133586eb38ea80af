#pragma once

#include <string>

namespace banyan::detail {

/// The name of the program that this process runs.
std::string process_name();

}  // namespace banyan::detail
