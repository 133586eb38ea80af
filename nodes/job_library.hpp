#pragma once

#include <string>
#include <vector>

namespace banyan::detail {

/// Loads a shared library whose functions register themselves with this program, and keeps it for good: its functions
/// may run at any time. A path that names no file is looked for as the system does for libraries. Returns the names of
/// the functions that are new; none where the library was loaded before.
/// Throws `error`: `not_found`, or `invalid_argument` for what is no library, one of another version of Banyan, one
/// that has a copy of Banyan of its own or registers nothing, and one with a function under a name that is taken.
std::vector<std::string> load_job_library(const std::string& path);

}  // namespace banyan::detail
