#pragma once

#include <optional>
#include <string>

#include "tools/commands.hpp"

namespace banyan::tools {

/// What a command line comes to: something to do, or a text to show.
struct parsed_line {
  std::optional<request> todo;
  std::string help;  ///< where there is nothing to do
};

/// Reads the command line, and BANYAN_STORE. Throws `error` (`invalid_argument`) that says what is wrong with it.
parsed_line parse_command_line(int argc, const char* const* argv);

}  // namespace banyan::tools
