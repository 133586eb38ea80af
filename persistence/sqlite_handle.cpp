#include "persistence/sqlite_handle.hpp"

#include <banyan/error.hpp>

#include "persistence/sqlite_error.hpp"

namespace banyan::detail {

database::database(std::string name, const std::string& file, int flags, int busy_timeout_ms) : name_(std::move(name)) {
  sqlite3* db = nullptr;
  // Each connection is used by one thread at a time, which we see to: SQLite's own lock would only cost.
  const int code = sqlite3_open_v2(file.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(db);
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, busy_timeout_ms);
}

void database::exec(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

std::int64_t database::number(const char* sql) {
  statement s(*this, sql);
  query q(s);
  return q.next() ? q.number(0) : 0;
}

std::string database::text(const char* sql) {
  statement s(*this, sql);
  query q(s);
  return q.next() ? std::string(q.blob(0)) : std::string();
}

unsigned database::version() const {
  unsigned value = 0;
  sqlite3_file_control(handle(), "main", SQLITE_FCNTL_DATA_VERSION, &value);
  return value;
}

void database::fail(int code) const { throw_sqlite_error(handle(), code, name_); }

transaction::~transaction() {
  // After some errors SQLite has rolled back by itself.
  if (!committed_ && sqlite3_get_autocommit(db_.handle()) == 0) {
    sqlite3_exec(db_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

void transaction::commit() {
  db_.exec("COMMIT");
  committed_ = true;
}

family_blob::family_blob(const family_id& family) {
  for (std::size_t i = 0; i < 8; ++i) {
    data_[i] = static_cast<char>(family.hi >> (56 - 8 * i));
    data_[i + 8] = static_cast<char>(family.lo >> (56 - 8 * i));
  }
}

family_id family_blob::parse(std::string_view data, const std::string& name) {
  if (data.size() != 16) throw error(errc::store_corrupt, name + ": holds a family id that is not 16 bytes long");
  family_id family;
  for (std::size_t i = 0; i < 8; ++i) {
    family.hi = family.hi << 8 | static_cast<unsigned char>(data[i]);
    family.lo = family.lo << 8 | static_cast<unsigned char>(data[i + 8]);
  }
  return family;
}

statement::statement(database& db, const char* sql) : db_(db) {
  sqlite3_stmt* s = nullptr;
  const int code = sqlite3_prepare_v3(db.handle(), sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr);
  if (code != SQLITE_OK) db.fail(code);
  handle_.reset(s);
}

void statement::bind(int at, std::int64_t value) { sqlite3_bind_int64(handle_.get(), at, value); }

void statement::bind(int at, std::string_view blob) {
  // A null pointer would bind NULL.
  const char* data = blob.empty() ? "" : blob.data();
  sqlite3_bind_blob64(handle_.get(), at, data, blob.size(), SQLITE_STATIC);
}

void statement::bind(int at, const std::optional<std::string_view>& blob) {
  if (blob) {
    bind(at, *blob);
  } else {
    sqlite3_bind_null(handle_.get(), at);
  }
}

bool statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  db_.fail(code);
}

int statement::finish() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_DONE || code == SQLITE_ROW) {
    sqlite3_reset(handle_.get());
    return db_.changes();
  }
  // Resetting comes last: it would replace the message.
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> reset(handle_.get(), sqlite3_reset);
  db_.fail(code);
}

std::string_view query::blob(int column) const {
  sqlite3_stmt* s = statement_.handle_.get();
  const auto* data = static_cast<const char*>(sqlite3_column_blob(s, column));
  return data ? std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(s, column))) : std::string_view();
}

}  // namespace banyan::detail
