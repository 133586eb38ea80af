#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// Rows of a block: the numbers of a family are cut into segments of so many, and each segment that is written to gets
/// a block of row ids. New families thus get rows at the end of the table, however their ids sort.
inline constexpr int block_bits = 20;
inline constexpr std::uint64_t block_rows = 1ull << block_bits;

inline std::int64_t segment_of(std::uint64_t index) { return static_cast<std::int64_t>(index >> block_bits); }
inline std::int64_t first_row(std::int64_t block) { return block << block_bits; }
inline std::int64_t last_row(std::int64_t block) {
  return first_row(block) + static_cast<std::int64_t>(block_rows) - 1;
}
inline std::int64_t row_in(std::int64_t block, std::uint64_t index) {
  return first_row(block) + static_cast<std::int64_t>(index % block_rows);
}

/// The blocks of all families, from the writer's side: finds and makes them, and drops families. Used inside the
/// writer's transactions only.
class sqlite_blocks {
 public:
  explicit sqlite_blocks(database& db);

  /// The row id of a key, in a block that is made if there is none.
  std::int64_t row_of(const key& k);

  write_outcome put_header(const family_id& family, std::string_view value);

  /// Forgets a family. The rows of a large one are deleted little by little, by `sweep`.
  void drop(const family_id& family);
  /// Deletes some rows of families that were dropped.
  void sweep();

  /// What was remembered may no longer hold: another process wrote, or a transaction was rolled back.
  void forget();

 private:
  std::int64_t find_or_make(const family_id& family, std::int64_t segment);
  /// Deletes the first rows of a block. True when none are left.
  bool delete_rows(std::int64_t block);

  database& db_;
  statement make_;
  statement find_;
  statement make_with_header_;
  statement set_header_;
  statement header_;
  statement of_family_;
  statement remove_;
  statement orphan_;
  statement first_orphan_;
  statement first_rows_;
  statement delete_futures_;
  statement delete_attempts_;

  std::unordered_map<key, std::int64_t> known_;  ///< (family, segment) to block
  bool may_have_orphans_ = true;
};

}  // namespace banyan::detail
