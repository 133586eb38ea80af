#pragma once

#include <memory>
#include <string>

#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

struct sqlite_settings {
  std::string path;
  bool full_synchronous = false;
  int busy_timeout_ms = 5000;
};

/// The file of an SQLite store: whether it can be opened, how, and whether what is in it is ours. Everything throws
/// `error` that names the file and says what to do. Connections are opened by absolute path, so that a later
/// change of directory does no harm.
class sqlite_file {
 public:
  /// Checks that the file, or the directory in which it is to be made, is there and has the rights that `mode` needs.
  sqlite_file(sqlite_settings settings, open_mode mode);

  /// The store in messages: "sqlite:" and the path as it was given.
  const std::string& name() const { return name_; }
  /// Beside the real file, whatever symbolic link it was opened by.
  std::string lock_file() const { return file_ + ".lock"; }
  std::string marks_file() const { return file_ + ".running"; }

  /// A connection that writes. It makes an empty file if there is none and the mode is to drive.
  std::unique_ptr<database> open_to_write();
  /// Sets a writing connection up, and makes the tables if the file is empty and the mode is to drive.
  void prepare(database& db) const;

  /// A connection that reads.
  std::unique_ptr<database> open_to_read() const;
  /// True when the file can only be read as one that nobody writes: a new driver makes such connections stale.
  bool frozen() const;

  /// Throws unless the file holds our tables in a version that this program knows.
  void expect_ours(database& db) const;

 private:
  void check_file() const;
  void check_directory() const;
  /// Like `expect_ours`, but false for a file without tables.
  bool ours(database& db) const;
  [[noreturn]] void throw_file(errc code, const std::string& what) const;

  sqlite_settings settings_;
  open_mode mode_;
  std::string name_;
  std::string file_;
};

}  // namespace banyan::detail
