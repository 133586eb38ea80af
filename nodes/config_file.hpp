#pragma once

#include <string>

#include <banyan/runtime.hpp>

#include "nodes/given_settings.hpp"

namespace banyan::detail {

/// Reads the section `banyan` of a file in CAF's configuration syntax; other sections are left alone. Throws `error`
/// (`invalid_argument`) that names the file, the line, and what was expected there.
given_settings read_config_file(const std::string& file);

/// Fills the options that still have their defaults: from the environment, then from `opts.config_file`. Does nothing
/// where no file is named. Throws `error` (`invalid_argument`) as `read_config_file` and `read_environment` do, and for
/// a node that cannot be what it is to be (see `check_node_options`).
runtime_options with_config_file(runtime_options opts);

}  // namespace banyan::detail
