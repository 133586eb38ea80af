#include "persistence/sqlite_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <banyan/error.hpp>

#include "persistence/schema.hpp"

namespace banyan::detail {
namespace {

constexpr std::int64_t application_id = 0x42616e79;  // "Bany"
constexpr std::int64_t layout_version = 1;

// A checkpoint each 16 MB costs a fifth less than SQLite's 4 MB under a steady load; the log is cut back to 64 MB after
// a long read has let it grow.
constexpr char writer_pragmas[] = R"(
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA journal_size_limit = 67108864;
  PRAGMA cache_size = -8000;
  PRAGMA secure_delete = OFF;
  PRAGMA temp_store = MEMORY;
)";

bool may(const std::string& path, int rights) { return faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0; }

std::string directory_of(const std::string& file) { return std::filesystem::path(file).parent_path().string(); }

bool holds_bytes(const std::string& file) {
  struct stat info {};
  return stat(file.c_str(), &info) == 0 && info.st_size > 0;
}

bool exists(const std::string& file) {
  struct stat info {};
  return stat(file.c_str(), &info) == 0;
}

/// An SQLite URI, in which nothing of the path can be taken for an option.
std::string immutable_uri(const std::string& file) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const unsigned char c : file) {
    if (std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_') {
      uri += static_cast<char>(c);
    } else {
      uri += {'%', digits[c >> 4], digits[c & 15]};
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

sqlite_file::sqlite_file(sqlite_settings settings, open_mode mode)
    : settings_(std::move(settings)), mode_(mode), name_("sqlite:" + settings_.path) {
  std::error_code fault;
  file_ = std::filesystem::absolute(settings_.path, fault).string();
  if (fault) throw_file(errc::store_unavailable, "cannot tell the working directory: " + fault.message());
  check_file();
  if (mode_ != open_mode::read) check_directory();
  const std::filesystem::path real = std::filesystem::canonical(file_, fault);
  if (!fault) file_ = real.string();
}

void sqlite_file::throw_file(errc code, const std::string& what) const { throw error(code, name_ + ": " + what); }

void sqlite_file::check_file() const {
  struct stat info {};
  if (stat(file_.c_str(), &info) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) throw_file(errc::store_unavailable, std::strerror(errno));
    if (mode_ != open_mode::drive) throw_file(errc::not_found, "there is no such file");
    return;
  }
  if (S_ISDIR(info.st_mode)) throw_file(errc::bad_url, "this is a directory; name a file in it");
  if (!S_ISREG(info.st_mode)) throw_file(errc::bad_url, "this is not a regular file");
  if (!may(file_, R_OK)) throw_file(errc::store_unavailable, "no right to read the file");
  if (mode_ != open_mode::read && !may(file_, W_OK)) throw_file(errc::store_read_only, "no right to write to the file");
}

void sqlite_file::check_directory() const {
  const std::string directory = directory_of(file_);
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    throw_file(errc::not_found, "there is no directory " + directory + "; make it first");
  }
  if (!may(directory, W_OK | X_OK)) {
    throw_file(errc::store_read_only, "no right to write to the directory " + directory +
                                          ", in which SQLite keeps a log and an index beside the file");
  }
}

std::unique_ptr<database> sqlite_file::open_to_write() {
  const int create = mode_ == open_mode::drive ? SQLITE_OPEN_CREATE : 0;
  auto db = std::make_unique<database>(name_, file_, SQLITE_OPEN_READWRITE | create, settings_.busy_timeout_ms);
  std::error_code fault;
  file_ = std::filesystem::canonical(file_, fault).string();
  if (fault) throw_file(errc::store_unavailable, "the file went away while it was opened: " + fault.message());
  // SQLite falls back to reading when it may not write.
  if (sqlite3_db_readonly(db->handle(), "main") == 1) throw_file(errc::store_read_only, "the file cannot be written");
  return db;
}

void sqlite_file::prepare(database& db) const {
  const bool made = ours(db);
  if (!made && mode_ != open_mode::drive) throw_file(errc::not_found, "the file is empty: no store was made in it yet");
  db.exec(settings_.full_synchronous ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (db.text("PRAGMA journal_mode = WAL") != "wal") {
    throw_file(errc::store_unavailable, "write-ahead logging does not work here (is it a network file system?)");
  }
  db.exec(writer_pragmas);
  if (made) return;
  db.exec("BEGIN IMMEDIATE");
  db.exec(schema_sql);
  db.exec("COMMIT");
}

bool sqlite_file::ours(database& db) const {
  const std::int64_t id = db.number("PRAGMA application_id");
  const std::int64_t version = db.number("PRAGMA user_version");
  if (id == 0 && version == 0 && db.number("SELECT count(*) FROM sqlite_master") == 0) return false;
  if (id != application_id) {
    throw_file(errc::store_corrupt, "this is an SQLite database of another program; name another file");
  }
  if (version > layout_version) {
    throw_file(errc::store_too_new, "written by a newer Banyan (layout " + std::to_string(version) +
                                        ", this program knows " + std::to_string(layout_version) +
                                        "); use that version or a later one");
  }
  if (version != layout_version) throw_file(errc::store_corrupt, "there is no layout " + std::to_string(version));
  return true;
}

void sqlite_file::expect_ours(database& db) const {
  if (!ours(db)) throw_file(errc::not_found, "the file is empty: no store was made in it yet");
}

bool sqlite_file::frozen() const {
  return mode_ == open_mode::read && !may(directory_of(file_), W_OK) && !exists(file_ + "-shm") &&
         !holds_bytes(file_ + "-wal");
}

std::unique_ptr<database> sqlite_file::open_to_read() const {
  if (frozen()) {
    return std::make_unique<database>(name_, immutable_uri(file_), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                                      settings_.busy_timeout_ms);
  }
  return std::make_unique<database>(name_, file_, SQLITE_OPEN_READONLY, settings_.busy_timeout_ms);
}

}  // namespace banyan::detail
