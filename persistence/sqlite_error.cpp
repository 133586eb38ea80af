#include "persistence/sqlite_error.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

/// SQLite calls only ENOSPC a full disk; a quota and a limit on the file's size are the same to us.
bool out_of_space(int system_error) {
  return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG;
}

/// What the system said. SQLite forgets it where a commit fails on the log, but the log's file remembers.
int system_error_of(sqlite3* db) {
  if (const int known = sqlite3_system_errno(db); known != 0) return known;
  sqlite3_file* log = nullptr;
  int last = 0;
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log && log->pMethods) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &last);
  }
  return last;
}

struct meaning {
  errc code;
  const char* text;
};

meaning meaning_of(int code, int system_error) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {errc::store_busy, "another process keeps writing to it"};
    case SQLITE_FULL: return {errc::store_full, "there is no room to write: free space on its disk"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {errc::store_read_only, "it cannot be written: check the rights of the file and its directory"};
    case SQLITE_CORRUPT:
      return {errc::store_corrupt,
              "the file is damaged: restore a copy, or save what can be read with `sqlite3 FILE .recover`"};
    case SQLITE_NOTADB:
      return {errc::store_corrupt, "the file is not an SQLite database: name another, or move it away"};
    case SQLITE_TOOBIG: return {errc::too_large, "a record is too large"};
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_CORRUPTFS) return {errc::store_corrupt, "its file system is damaged"};
      if (out_of_space(system_error))
        return {errc::store_full, "there is no room to write: free space on its disk, or lift the limit on file sizes"};
      return {errc::store_unavailable, "reading or writing failed"};
    case SQLITE_CANTOPEN: return {errc::store_unavailable, "the file cannot be opened"};
    case SQLITE_NOMEM: return {errc::store_unavailable, "out of memory"};
    case SQLITE_PROTOCOL: return {errc::store_unavailable, "locking failed"};
    // A statement of ours that does not fit: the tables are not those that the version number promises.
    default: return {errc::store_corrupt, "its tables are not as this program made them: restore a copy"};
  }
}

}  // namespace

void throw_sqlite_error(sqlite3* db, int code, const std::string& name) {
  const bool failed_call = db && (code & 0xff) == SQLITE_IOERR;
  const int system_error = failed_call ? system_error_of(db) : 0;
  const meaning m = meaning_of(code, system_error);
  std::string text = name + ": " + m.text + " (" + (db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  if (system_error != 0) text += std::string(", ") + std::strerror(system_error);
  throw error(m.code, text + ")");
}

}  // namespace banyan::detail
