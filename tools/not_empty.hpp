#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace banyan::tools {

/// For an option that is given with nothing in it, as by a script whose variable is not set.
inline CLI::Validator not_empty() {
  return {[](const std::string& text) { return text.empty() ? std::string("it is empty") : std::string(); }, "", ""};
}

}  // namespace banyan::tools
