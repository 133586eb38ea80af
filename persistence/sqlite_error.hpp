#pragma once

#include <string>

struct sqlite3;

namespace banyan::detail {

/// Throws the `error` that says what SQLite's `code` means for the store and what to do about it. `name` is the
/// store's name in messages; `db` may be null.
[[noreturn]] void throw_sqlite_error(sqlite3* db, int code, const std::string& name);

}  // namespace banyan::detail
