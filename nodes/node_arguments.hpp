#pragma once

#include <string>
#include <vector>

#include "nodes/given_settings.hpp"

namespace banyan::detail {

/// What a node's command line says.
struct node_arguments {
  std::string config_file;
  std::vector<std::string> libraries;
  bool check_only = false;
  bool wants_help = false;
  given_settings settings;
};

/// Reads it; `argv[0]` is passed over. Throws `error` (`invalid_argument`) that names the argument and what is
/// expected.
node_arguments read_node_arguments(int argc, const char* const* argv);

/// What `--help` shows.
std::string node_help(const std::string& program);

}  // namespace banyan::detail
