#include "persistence/sqlite_values.hpp"

namespace banyan::detail {

database& sqlite_values::with_table(database& db) {
  db.exec(R"(
    CREATE TABLE IF NOT EXISTS value (
      name BLOB PRIMARY KEY NOT NULL,
      value BLOB NOT NULL,
      until INTEGER NOT NULL  -- ms since 1970
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS value_until ON value (until);
  )");
  return db;
}

sqlite_values::sqlite_values(database& db)
    : db_(with_table(db)),
      value_(db, "SELECT value FROM value WHERE name = ?1 AND until > ?2"),
      set_(db, "INSERT OR REPLACE INTO value (name, value, until) VALUES (?1, ?2, ?3)"),
      forget_(db, "DELETE FROM value WHERE name = ?1"),
      expire_(db, "DELETE FROM value WHERE until <= ?1") {}

std::optional<bytes> sqlite_values::compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                                    std::int64_t now, std::chrono::milliseconds kept) {
  transaction t(db_);
  bytes found;
  if (query q(value_, name, now); q.next()) found = q.blob(0);
  if (found != expected && found != wanted) return found;
  if (wanted.empty()) {
    forget_.run(name);
  } else {
    set_.run(name, std::string_view(wanted), now + kept.count());
  }
  expire_.run(now);
  t.commit();
  return std::nullopt;
}

}  // namespace banyan::detail
