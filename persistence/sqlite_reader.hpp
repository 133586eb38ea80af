#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

class sqlite_file;

/// What an SQLite store reads, over a connection of its own. Not thread-safe.
class sqlite_reader {
 public:
  explicit sqlite_reader(std::unique_ptr<database> db, bool frozen);

  std::optional<record> load(const key& k);
  void scan(const family_id& family, const std::function<void(record&&)>& visit);
  bytes header(const family_id& family);
  std::vector<root_entry> roots(bool unsettled_only);
  std::optional<root_entry> root(const family_id& family);
  bool has_notices();
  bool has_notice(const key& k);

  /// See `sqlite_file::frozen`.
  bool frozen() const { return frozen_; }

 private:
  void scan_block(std::int64_t block, std::uint64_t first_index, const std::function<void(record&&)>& visit);
  root_entry read_root(const query& q) const;

  std::unique_ptr<database> db_;
  bool frozen_;
  statement begin_;
  statement end_;
  statement load_;
  statement blocks_;
  statement rows_;
  statement attempts_;
  statement header_;
  statement roots_;
  statement unsettled_roots_;
  statement root_;
  statement notices_;
  statement notice_;
};

/// Readers for as many threads as ask at once; a few are kept. Thread-safe.
class sqlite_readers {
 public:
  explicit sqlite_readers(const sqlite_file& file) : file_(file) {}

  /// Calls `use` with a reader that no other thread has meanwhile, and returns what it returns.
  template <class Use>
  auto with(Use&& use) {
    lease l{*this, take()};
    return use(*l.reader);
  }

  void close();

 private:
  struct lease {
    sqlite_readers& pool;
    std::unique_ptr<sqlite_reader> reader;
    ~lease() { pool.give_back(std::move(reader)); }
  };

  std::unique_ptr<sqlite_reader> take();
  void give_back(std::unique_ptr<sqlite_reader> reader);

  const sqlite_file& file_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<sqlite_reader>> idle_;
};

}  // namespace banyan::detail
