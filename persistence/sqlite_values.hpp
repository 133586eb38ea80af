#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include <banyan/codec.hpp>

#include "persistence/sqlite_handle.hpp"

namespace banyan::detail {

/// Values as `store::compare_and_set` changes them, in a table of their own. Not thread-safe.
class sqlite_values {
 public:
  /// Makes the table where there is none, as in a file of an earlier version. `db` is prepared, and outlives this.
  explicit sqlite_values(database& db);

  /// `now` is ms since 1970.
  std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                       std::int64_t now, std::chrono::milliseconds kept);

 private:
  static database& with_table(database& db);

  database& db_;
  statement value_;
  statement set_;
  statement forget_;
  statement expire_;
};

}  // namespace banyan::detail
