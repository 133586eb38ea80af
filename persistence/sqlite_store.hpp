#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "persistence/driver_lock.hpp"
#include "persistence/running_marks.hpp"
#include "persistence/sqlite_file.hpp"
#include "persistence/sqlite_reader.hpp"
#include "persistence/sqlite_values.hpp"
#include "persistence/sqlite_writer.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// Keeps everything in one SQLite file: docs/internals/sqlite-layout.md. One driver at a time holds it, by a lock
/// beside the file; any number of others read it, and write from outside, meanwhile.
/// A commit is one transaction: unlike what `store` asks for, it is done as a whole or not at all.
class sqlite_store final : public store {
 public:
  sqlite_store(sqlite_settings settings, open_mode mode, std::string_view holder);
  ~sqlite_store() override;

  void commit(std::span<const write> writes, std::span<write_outcome> outcomes) override;
  std::optional<record> load(const key& k) override;
  void scan(const family_id& family, const std::function<void(record&&)>& visit) override;
  bytes header(const family_id& family) override;
  std::vector<root_entry> roots(bool unsettled_only) override;
  std::optional<root_entry> root(const family_id& family) override;
  std::optional<bytes> compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                       std::chrono::milliseconds kept) override;
  std::vector<key> take_notices() override;
  bool notice_pending(const key& k) override;
  bool has_driver() override;
  running_marks* marks() override { return marks_ ? &*marks_ : nullptr; }
  void close() override;
  bool immediate() const override { return false; }
  std::string describe() const override { return file_.name(); }

 private:
  sqlite_writer& writer();

  open_mode mode_;
  sqlite_file file_;
  std::optional<driver_lock> lock_;  ///< let go after the connections are closed
  std::optional<running_marks> marks_;
  std::unique_ptr<database> write_connection_;
  std::mutex write_mutex_;  ///< held by who uses the writer
  std::optional<sqlite_writer> writer_;
  std::optional<sqlite_values> values_;  ///< once they are used
  sqlite_readers readers_;
};

}  // namespace banyan::detail
