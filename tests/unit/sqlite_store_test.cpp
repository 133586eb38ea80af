#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "persistence/store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::open_mode;
using detail::open_store;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SqliteStore : public testing::Test {
 protected:
  std::string url(const std::string& options = {}) const { return "sqlite:" + file().string() + options; }
  std::filesystem::path file() const { return scratch_.path() / "jobs.db"; }
  std::unique_ptr<detail::store> drive(std::string_view holder = "a test") const {
    return open_store(url(), open_mode::drive, holder);
  }

  scratch_directory scratch_;
  const family_id family_{1, 2};
  const key key_{family_, 3};
};

TEST_F(SqliteStore, keeps_what_was_committed) {
  auto store = drive();
  commit_all(*store, {spec_of(key_, "spec"),
                      header_of(family_, "header"),
                      {what::add_root, family_, 0, 5, {}},
                      notice_of(key_),
                      attempt_of(key_, 1, "error")});
  store->close();
  store = drive();
  EXPECT_EQ(store->load(key_), (detail::record{3, "spec", "", "", "", {"error"}}));
  EXPECT_EQ(store->header(family_), "header");
  EXPECT_EQ(store->roots(true).size(), 1u);
  EXPECT_THAT(store->take_notices(), ElementsAre(key_));
}

TEST_F(SqliteStore, names_itself_by_the_path_that_it_was_given) {
  EXPECT_EQ(drive()->describe(), url());
  EXPECT_EQ(open_store(url("?synchronous=full"), open_mode::drive, "")->describe(), url());
}

TEST_F(SqliteStore, a_second_driver_is_told_who_holds_the_file) {
  const auto first = drive("the payroll\nservice");
  const error e = thrown_by([&] { drive("another"); });
  EXPECT_EQ(e.code(), errc::store_busy);
  EXPECT_THAT(e.what(), testing::StartsWith(url() + " is driven by process " + std::to_string(getpid()) +
                                            " (the payroll?service) since 20"));
  EXPECT_THAT(e.what(), HasSubstr("stop it, or open the store from outside"));
}

TEST_F(SqliteStore, a_second_driver_in_another_process_is_told_too) {
  const auto first = drive("parent");
  const std::string answer = in_child([&] {
    drive("child");
    return std::string("opened");
  });
  EXPECT_THAT(answer, HasSubstr("is driven by process " + std::to_string(getpid()) + " (parent)"));
}

TEST_F(SqliteStore, a_second_driver_is_found_out_behind_a_symbolic_link) {
  const auto first = drive();
  const auto link = scratch_.path() / "link.db";
  std::filesystem::create_symlink(file(), link);
  const std::string linked = "sqlite:" + link.string();
  EXPECT_EQ(thrown_by([&] { open_store(linked, open_mode::drive, ""); }).code(), errc::store_busy);
}

TEST_F(SqliteStore, a_driver_may_follow_one_that_closed_or_went_away) {
  auto store = drive();
  store->close();
  store.reset();
  store = drive();
  store.reset();
  EXPECT_EQ(in_child([&] {
              const auto held = drive();
              ::kill(getpid(), SIGKILL);
              return std::string();
            }),
            "killed by signal 9");
  EXPECT_NO_THROW(drive());
}

TEST_F(SqliteStore, says_whether_somebody_drives_it) {
  auto store = drive();
  EXPECT_TRUE(store->has_driver());
  const auto outside = open_store(url(), open_mode::outside, "");
  const auto reader = open_store(url(), open_mode::read, "");
  EXPECT_TRUE(outside->has_driver());
  EXPECT_TRUE(reader->has_driver());
  store->close();
  EXPECT_FALSE(outside->has_driver());
  EXPECT_FALSE(reader->has_driver());
}

TEST_F(SqliteStore, only_a_driver_says_what_runs) {
  const auto store = drive();
  EXPECT_NE(store->marks(), nullptr);
  EXPECT_EQ(open_store(url(), open_mode::outside, "")->marks(), nullptr);
  EXPECT_EQ(open_store(url(), open_mode::read, "")->marks(), nullptr);
}

TEST_F(SqliteStore, what_is_written_from_outside_reaches_the_driver) {
  const auto store = drive();
  commit_all(*store, {spec_of(key_, "spec"), spec_of({family_, 4}, "spec")});
  EXPECT_THAT(store->take_notices(), IsEmpty());
  const auto outside = open_store(url(), open_mode::outside, "");
  EXPECT_TRUE(commit_all(*outside, {result_of(key_, "result"), notice_of(key_)})[0].won);
  EXPECT_THAT(store->take_notices(), ElementsAre(key_));
  EXPECT_EQ(store->load(key_)->result, "result");
  EXPECT_EQ(commit_one(*store, result_of(key_, "late")).existing, "result");
  EXPECT_TRUE(outside->notice_pending(key_) || outside->take_notices().empty());
}

TEST_F(SqliteStore, a_driver_notices_that_a_family_was_dropped_and_made_anew_from_outside) {
  const auto store = drive();
  commit_one(*store, spec_of(key_, "old"));
  const auto outside = open_store(url(), open_mode::outside, "");
  commit_one(*outside, drop_of(family_));
  commit_one(*outside, spec_of({{9, 9}, 0}, "takes a place that became free"));
  EXPECT_TRUE(commit_one(*store, spec_of(key_, "new")).won);
  EXPECT_EQ(store->load(key_)->spec, "new");
  EXPECT_EQ(store->load({{9, 9}, 3}), std::nullopt);
}

TEST_F(SqliteStore, outside_and_driver_may_write_at_the_same_time) {
  const auto store = drive();
  constexpr std::uint64_t count = 200;
  std::thread other([&] {
    const auto outside = open_store(url(), open_mode::outside, "");
    for (std::uint64_t i = 0; i < count; ++i) commit_one(*outside, spec_of({{5, 5}, i}, "outside"));
  });
  for (std::uint64_t i = 0; i < count; ++i) commit_one(*store, spec_of({family_, i}, "driver"));
  other.join();
  EXPECT_EQ(scan_all(*store, family_).size(), count);
  EXPECT_EQ(scan_all(*store, {5, 5}).size(), count);
}

TEST_F(SqliteStore, opened_to_be_read_it_is_not_written) {
  commit_one(*drive(), spec_of(key_, "spec"));
  const auto reader = open_store(url(), open_mode::read, "");
  EXPECT_EQ(reader->load(key_)->spec, "spec");
  const error e = thrown_by([&] { commit_one(*reader, result_of(key_, "result")); });
  EXPECT_EQ(e.code(), errc::store_read_only);
  EXPECT_THAT(e.what(), HasSubstr(url() + ": was opened to be read only"));
}

TEST_F(SqliteStore, who_is_told_that_another_writes_may_try_again) {
  const auto store = open_store(url("?busy_timeout=1"), open_mode::drive, "");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(thrown_by([&] { commit_one(*store, spec_of(key_, "spec")); }).code(), errc::store_busy);
  ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_TRUE(commit_one(*store, spec_of(key_, "spec")).won);
}

TEST_F(SqliteStore, is_found_after_a_change_of_directory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(scratch_.path());
  const auto store = open_store("sqlite:here.db", open_mode::drive, "");
  std::filesystem::current_path(before);
  commit_one(*store, spec_of(key_, "spec"));
  EXPECT_EQ(store->load(key_)->spec, "spec");
  EXPECT_TRUE(std::filesystem::exists(scratch_.path() / "here.db"));
}

TEST_F(SqliteStore, takes_any_file_name_for_a_file_name) {
  for (const char* name : {"two words.db", "file:odd.db", "100%25.db", "a#b&c=d", "\xc3\xbc.db"}) {
    const auto path = scratch_.path() / name;
    const std::string odd = "sqlite:" + path.string();
    auto store = open_store(odd, open_mode::drive, "");
    commit_one(*store, spec_of(key_, name));
    store->close();
    EXPECT_TRUE(std::filesystem::exists(path)) << name;
    EXPECT_EQ(open_store(odd, open_mode::read, "")->load(key_)->spec, name);
  }
}

TEST_F(SqliteStore, leaves_no_log_behind_when_it_is_closed) {
  auto store = drive();
  commit_one(*store, spec_of(key_, "spec"));
  store->load(key_);
  EXPECT_TRUE(std::filesystem::exists(file().string() + "-wal"));
  store->close();
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-shm"));
}

TEST_F(SqliteStore, many_threads_may_read_at_once) {
  const auto store = drive();
  for (std::uint64_t i = 0; i < 50; ++i) commit_one(*store, spec_of({family_, i}, "spec"));
  std::vector<std::thread> threads;
  std::atomic<int> missing{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 50; ++i) missing += store->load({family_, i}) ? 0 : 1;
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(missing, 0);
}

}  // namespace
}  // namespace banyan::test
