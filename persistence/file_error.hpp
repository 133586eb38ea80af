#pragma once

#include <string>

namespace banyan::detail {

/// Throws `error` for a file beside the store `store_name` with which `what` ("open", "lock") failed for `cause`, an
/// errno: `store_read_only`, `store_full` or `store_unavailable`.
[[noreturn]] void throw_file_error(const char* what, const std::string& file, const std::string& store_name, int cause);

}  // namespace banyan::detail
