#pragma once

#include <string>
#include <vector>

#include "tools/output.hpp"

namespace banyan::tools {

/// Prints rows of equally many texts, the first one as a head, in columns as wide as they have to be. All texts are
/// printable.
void print_table(const std::vector<std::vector<std::string>>& rows, output& out);

}  // namespace banyan::tools
