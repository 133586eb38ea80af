#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "persistence/sqlite_blocks.hpp"
#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// What an SQLite store writes. The registers of one row that a batch writes are put together and written at once.
/// Not thread-safe.
class sqlite_writer {
 public:
  /// `db` is prepared, and outlives this.
  explicit sqlite_writer(database& db);

  /// As `store::commit`, in one transaction: when it throws, nothing was done.
  void commit(std::span<const write> writes, std::span<write_outcome> outcomes);
  std::vector<key> take_notices();

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// What the batch writes to one row, as positions in the batch: of write-once registers the first write, of the
  /// others the last.
  struct row_writes {
    key row;
    std::size_t spec = none;
    std::size_t result = none;
    std::size_t gauge = none;
    std::size_t state = none;
  };
  /// A later write to a register that the batch has written already.
  struct late_write {
    std::size_t position;
    std::size_t first;
  };

  void apply(std::size_t position);
  void apply_to_lists(const write& w);
  row_writes& gathered(const key& k);
  void put_once(std::size_t row_writes::*reg, std::size_t position);
  void put_attempt(std::size_t position);
  void answer_empty(std::size_t position);

  /// Writes what was gathered and answers it.
  void flush();
  void write_row(const row_writes& r);
  void merge(std::int64_t id, const row_writes& r);
  /// Says what a write-once register holds instead. True when the write is still to be done.
  bool stands(std::size_t position, std::string_view existing);
  std::optional<std::string_view> value(std::size_t position) const;

  database& db_;
  sqlite_blocks blocks_;
  statement insert_;
  statement update_;
  statement merge_;
  statement write_once_registers_;
  statement insert_attempt_;
  statement attempt_;
  statement add_root_;
  statement settle_root_;
  statement drop_root_;
  statement add_notice_;
  statement take_notices_;

  unsigned version_ = 0;  ///< of the file after our last transaction
  std::span<const write> writes_;
  std::span<write_outcome> outcomes_;
  std::vector<row_writes> rows_;
  std::unordered_map<key, std::size_t> row_at_;
  std::vector<late_write> late_;
};

}  // namespace banyan::detail
