#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "persistence/sqlite_handle.hpp"
#include "persistence/store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

namespace fs = std::filesystem;
using detail::open_mode;
using detail::open_store;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const key some_key{{1, 2}, 3};

class SqliteErrors : public testing::Test {
 protected:
  SqliteErrors() {
    // For those tests that give up the rights of a superuser.
    fs::permissions(scratch_.path(), fs::perms(0755));
  }
  ~SqliteErrors() override { fs::permissions(scratch_.path(), fs::perms::owner_all); }

  fs::path file() const { return scratch_.path() / "jobs.db"; }
  std::string url(const std::string& options = {}) const { return "sqlite:" + file().string() + options; }

  void make_store(std::uint64_t records = 1) const {
    const auto store = open_store(url(), open_mode::drive, "a test");
    for (std::uint64_t i = 0; i < records; ++i) commit_one(*store, spec_of({some_key.family, i}, bytes(100, 's')));
    store->close();
  }
  void fill_file(const std::string& content) const { std::ofstream(file(), std::ios::binary) << content; }
  void change(const char* sql) const { detail::database("", file().string(), SQLITE_OPEN_READWRITE, 1000).exec(sql); }

  /// "code: message" of what opening throws, or "opened".
  std::string opening(open_mode mode) const {
    try {
      open_store(url(), mode, "a test");
      return "opened";
    } catch (const error& e) {
      return std::string(to_string(e.code())) + ": " + e.what();
    }
  }

  void expect_in_all_modes(const testing::Matcher<std::string>& expected) const {
    EXPECT_THAT(opening(open_mode::drive), expected);
    EXPECT_THAT(opening(open_mode::outside), expected);
    EXPECT_THAT(opening(open_mode::read), expected);
  }

  scratch_directory scratch_;
};

TEST_F(SqliteErrors, a_file_that_is_no_database_is_corrupt) {
  fill_file("This is a letter to my aunt, and by no means a database.\n" + std::string(2000, '.'));
  expect_in_all_modes(AllOf(StartsWith("store_corrupt: " + url()), HasSubstr("not an SQLite database")));
  fill_file("short");
  expect_in_all_modes(StartsWith("store_corrupt: " + url()));
}

TEST_F(SqliteErrors, a_truncated_file_is_corrupt) {
  make_store(2000);
  fs::resize_file(file(), fs::file_size(file()) / 2);
  expect_in_all_modes(AllOf(StartsWith("store_corrupt: " + url()), HasSubstr("damaged"), HasSubstr(".recover")));
}

TEST_F(SqliteErrors, a_file_damaged_in_the_middle_is_found_out_where_it_is_read_and_written) {
  make_store(20'000);
  {
    std::fstream f(file(), std::ios::in | std::ios::out | std::ios::binary);
    for (std::streamoff page = 20; page < 400; ++page) {
      f.seekp(page * 4096);
      f << std::string(200, '\x5a');
    }
  }
  const auto store = open_store(url(), open_mode::drive, "a test");
  EXPECT_EQ(thrown_by([&] { scan_all(*store, some_key.family); }).code(), errc::store_corrupt);
  const auto overwrite_all = [&] {
    for (std::uint64_t i = 0; i < 20'000; ++i) commit_one(*store, gauge_of({some_key.family, i}, "g"));
  };
  EXPECT_EQ(thrown_by(overwrite_all).code(), errc::store_corrupt);
}

TEST_F(SqliteErrors, a_database_of_another_program_is_left_alone) {
  detail::database("", file().string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0).exec("CREATE TABLE t (x)");
  const auto size = fs::file_size(file());
  expect_in_all_modes(AllOf(StartsWith("store_corrupt: "), HasSubstr("database of another program")));
  EXPECT_EQ(fs::file_size(file()), size);
}

TEST_F(SqliteErrors, a_newer_layout_is_too_new) {
  make_store();
  change("PRAGMA user_version = 7");
  expect_in_all_modes(AllOf(StartsWith("store_too_new: " + url()), HasSubstr("layout 7, this program knows 1")));
}

TEST_F(SqliteErrors, a_layout_that_never_was_is_corrupt) {
  make_store();
  change("PRAGMA user_version = -1");
  expect_in_all_modes(AllOf(StartsWith("store_corrupt: "), HasSubstr("there is no layout -1")));
}

TEST_F(SqliteErrors, missing_tables_are_corrupt) {
  make_store();
  change("DROP TABLE future");
  expect_in_all_modes(AllOf(StartsWith("store_corrupt: "), HasSubstr("no such table: future")));
}

TEST_F(SqliteErrors, records_that_no_program_wrote_are_corrupt) {
  make_store();
  change("INSERT INTO root VALUES (x'0102', 1, 0); INSERT INTO attempt SELECT id, 4000000000, x'01' FROM future");
  const auto store = open_store(url(), open_mode::read, "");
  EXPECT_THAT(thrown_by([&] { store->roots(false); }).what(), HasSubstr("not 16 bytes long"));
  EXPECT_THAT(thrown_by([&] { store->load({some_key.family, 0}); }).what(), HasSubstr("attempt numbered 4000000000"));
}

TEST_F(SqliteErrors, a_missing_file_is_not_made_by_who_only_looks) {
  EXPECT_THAT(opening(open_mode::read), StartsWith("not_found: " + url() + ": there is no such file"));
  EXPECT_THAT(opening(open_mode::outside), StartsWith("not_found: "));
  EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST_F(SqliteErrors, an_empty_file_becomes_a_store_only_by_a_driver) {
  fill_file("");
  EXPECT_THAT(opening(open_mode::read), AllOf(StartsWith("not_found: "), HasSubstr("the file is empty")));
  EXPECT_THAT(opening(open_mode::outside), AllOf(StartsWith("not_found: "), HasSubstr("the file is empty")));
  EXPECT_EQ(opening(open_mode::drive), "opened");
}

TEST_F(SqliteErrors, a_missing_directory_is_named) {
  const std::string there = (scratch_.path() / "none" / "jobs.db").string();
  const error e = thrown_by([&] { open_store("sqlite:" + there, open_mode::drive, ""); });
  EXPECT_EQ(e.code(), errc::not_found);
  EXPECT_THAT(e.what(), HasSubstr("there is no directory " + (scratch_.path() / "none").string() + "; make it first"));
}

TEST_F(SqliteErrors, a_directory_is_no_store) {
  fs::create_directory(file());
  expect_in_all_modes(AllOf(StartsWith("bad_url: "), HasSubstr("this is a directory")));
}

TEST_F(SqliteErrors, a_device_is_no_store) {
  ASSERT_EQ(mkfifo(file().c_str(), 0600), 0);
  expect_in_all_modes(AllOf(StartsWith("bad_url: "), HasSubstr("not a regular file")));
}

TEST_F(SqliteErrors, a_file_without_the_right_to_read_is_unavailable) {
  make_store();
  fs::permissions(file(), fs::perms::none);
  EXPECT_THAT(in_child_without_rights([&] { return opening(open_mode::read); }),
              AllOf(StartsWith("store_unavailable: "), HasSubstr("no right to read the file")));
}

TEST_F(SqliteErrors, a_file_without_the_right_to_write_is_read_only) {
  make_store();
  fs::permissions(file(), fs::perms(0444));
  for (const auto mode : {open_mode::drive, open_mode::outside}) {
    EXPECT_THAT(in_child_without_rights([&] { return opening(mode); }),
                AllOf(StartsWith("store_read_only: "), HasSubstr("no right to write to the file")));
  }
}

TEST_F(SqliteErrors, a_directory_without_the_right_to_write_is_read_only) {
  EXPECT_THAT(in_child_without_rights([&] { return opening(open_mode::drive); }),
              AllOf(StartsWith("store_read_only: "), HasSubstr("no right to write to the directory")));
  make_store();
  fs::permissions(file(), fs::perms::all);
  EXPECT_THAT(in_child_without_rights([&] { return opening(open_mode::outside); }),
              AllOf(StartsWith("store_read_only: "), HasSubstr("no right to write to the directory")));
}

TEST_F(SqliteErrors, a_closed_store_in_a_read_only_directory_can_be_read) {
  make_store();
  fs::permissions(file(), fs::perms(0444));
  fs::remove(file().string() + ".lock");
  const std::string answer = in_child_without_rights([&] {
    const auto store = open_store(url(), open_mode::read, "");
    return store->load({some_key.family, 0})->spec + (store->has_driver() ? " driven" : " not driven");
  });
  EXPECT_EQ(answer, bytes(100, 's') + " not driven");
}

TEST_F(SqliteErrors, a_store_at_work_in_a_read_only_directory_can_be_read) {
  const auto store = open_store(url(), open_mode::drive, "");
  commit_one(*store, spec_of(some_key, "fresh"));
  for (const char* end : {"", "-wal", "-shm"}) {
    fs::permissions(file().string() + end, fs::perms::owner_all | fs::perms::others_read);
  }
  EXPECT_EQ(in_child_without_rights([&] { return open_store(url(), open_mode::read, "")->load(some_key)->spec; }),
            "fresh");
}

TEST_F(SqliteErrors, a_reader_in_a_read_only_directory_sees_what_a_driver_writes_that_comes_later) {
  if (geteuid() != 0) GTEST_SKIP() << "only a superuser can be two users in one test";
  make_store();
  const std::string answer = in_child([&] {
    constexpr uid_t nobody = 65534;
    if (seteuid(nobody) != 0) return std::string("seteuid failed");
    const auto reader = open_store(url(), open_mode::read, "");
    std::string text = reader->load(some_key) ? "early " : "";
    if (seteuid(0) != 0) return std::string("seteuid failed");
    const auto driver = open_store(url(), open_mode::drive, "");
    commit_one(*driver, spec_of(some_key, "late"));
    if (seteuid(nobody) != 0) return std::string("seteuid failed");
    text += reader->load(some_key)->spec;
    return text + (seteuid(0) == 0 ? "" : " seteuid failed");
  });
  EXPECT_EQ(answer, "late");
}

TEST_F(SqliteErrors, a_file_that_may_not_grow_is_full_and_can_be_used_again_later) {
  const std::string answer = in_child([&] {
    const auto store = open_store(url(), open_mode::drive, "");
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit lifted = limit;
    limit.rlim_cur = 200'000;
    setrlimit(RLIMIT_FSIZE, &limit);
    std::uint64_t done = 0;
    std::string text;
    try {
      for (; done < 1000; ++done) commit_one(*store, spec_of({some_key.family, done}, bytes(1000, 's')));
    } catch (const error& e) {
      text = std::string(to_string(e.code())) + ": " + e.what();
    }
    if (scan_all(*store, some_key.family).size() != done) text += " (lost or half done)";
    setrlimit(RLIMIT_FSIZE, &lifted);
    if (!commit_one(*store, spec_of({some_key.family, done}, "later")).won) text += " (not usable later)";
    return text;
  });
  EXPECT_THAT(answer, AllOf(StartsWith("store_full: " + url()), HasSubstr("no room to write")));
  EXPECT_THAT(answer, testing::Not(HasSubstr("(lost")));
  EXPECT_THAT(answer, testing::Not(HasSubstr("(not usable")));
}

TEST_F(SqliteErrors, a_full_database_is_full) {
  detail::database db("store", file().string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0);
  db.exec("PRAGMA max_page_count = 3; CREATE TABLE t (x)");
  const error e = thrown_by([&] { db.exec("INSERT INTO t VALUES (zeroblob(100000))"); });
  EXPECT_EQ(e.code(), errc::store_full);
  EXPECT_THAT(e.what(), StartsWith("store: there is no room to write"));
}

}  // namespace
}  // namespace banyan::test
