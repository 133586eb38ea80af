#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <banyan/key.hpp>

/// SQLite's handles as values that close themselves. All that fails throws as `throw_sqlite_error` does.
/// None is thread-safe: who shares a connection guards it.
namespace banyan::detail {

/// A connection.
class database {
 public:
  /// `name` is the store's name in messages. `flags` are SQLite's.
  database(std::string name, const std::string& file, int flags, int busy_timeout_ms);

  sqlite3* handle() const { return handle_.get(); }
  const std::string& name() const { return name_; }

  /// Runs one or more statements and drops their rows.
  void exec(const char* sql);
  /// The first column of the first row of a query; 0 or empty without one.
  std::int64_t number(const char* sql);
  std::string text(const char* sql);

  int changes() const { return sqlite3_changes(handle()); }
  std::int64_t last_rowid() const { return sqlite3_last_insert_rowid(handle()); }
  /// Differs from its last value when the file was written by another connection, or by this one.
  unsigned version() const;

  [[noreturn]] void fail(int code) const;

 private:
  struct closer {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };
  std::string name_;
  std::unique_ptr<sqlite3, closer> handle_;
};

/// Rolls back unless it is committed.
class transaction {
 public:
  explicit transaction(database& db) : db_(db) { db_.exec("BEGIN IMMEDIATE"); }
  ~transaction();
  transaction(const transaction&) = delete;
  transaction& operator=(const transaction&) = delete;

  void commit();

 private:
  database& db_;
  bool committed_ = false;
};

/// A family id as it is stored: big-endian, so that ids sort as they do in memory.
class family_blob {
 public:
  explicit family_blob(const family_id& family);
  std::string_view view() const { return {data_.data(), data_.size()}; }

  /// Throws `store_corrupt` if `data` is not 16 bytes; `name` is the store's.
  static family_id parse(std::string_view data, const std::string& name);

 private:
  std::array<char, 16> data_;
};

/// A prepared statement. Blobs are bound by reference: they must outlive the run or the query.
class statement {
 public:
  statement(database& db, const char* sql);

  /// Binds, carries it out and returns the number of rows that it changed.
  template <class... Args>
  int run(const Args&... args) {
    bind_all(args...);
    return finish();
  }

 private:
  friend class query;
  struct finalizer {
    void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
  };

  template <class... Args>
  void bind_all(const Args&... args) {
    int at = 0;
    (bind(++at, args), ...);
  }
  void bind(int at, std::int64_t value);
  void bind(int at, std::string_view blob);
  void bind(int at, const std::optional<std::string_view>& blob);
  void bind(int at, const family_blob& family) { bind(at, family.view()); }
  int finish();
  bool step();

  database& db_;
  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
};

/// The rows of one execution of a statement.
class query {
 public:
  template <class... Args>
  explicit query(statement& s, const Args&... args) : statement_(s) {
    s.bind_all(args...);
  }
  ~query() { sqlite3_reset(statement_.handle_.get()); }
  query(const query&) = delete;
  query& operator=(const query&) = delete;

  /// Goes to the next row; false at the end.
  bool next() { return statement_.step(); }
  std::int64_t number(int column) const { return sqlite3_column_int64(statement_.handle_.get(), column); }
  bool null(int column) const { return sqlite3_column_type(statement_.handle_.get(), column) == SQLITE_NULL; }
  /// Valid until the next row.
  std::string_view blob(int column) const;

 private:
  statement& statement_;
};

}  // namespace banyan::detail
