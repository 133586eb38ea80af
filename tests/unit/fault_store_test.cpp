#include "persistence/fault_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persistence/memory_store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::open_mode;
using detail::open_store;

const family_id family{1, 2};

class FaultStore : public testing::Test {
 protected:
  std::string url(const std::string& faults) const {
    return "fault+sqlite:" + (scratch_.path() / "jobs.db").string() + "?" + faults;
  }

  /// Commits pairs of writes until the process dies.
  std::string commit_in_child(const std::string& faults) const {
    return in_child([&] {
      const auto store = open_store(url(faults), open_mode::drive, "a child");
      for (std::uint64_t i = 0; i < 10; ++i) {
        commit_all(*store, {spec_of({family, 2 * i}, "spec"), spec_of({family, 2 * i + 1}, "spec")});
      }
      return std::string("survived");
    });
  }

  std::size_t records() const {
    const auto store = open_store(url("delay_ms=0"), open_mode::drive, "a test");
    return scan_all(*store, family).size();
  }

  scratch_directory scratch_;
};

TEST_F(FaultStore, kills_the_process_before_a_commit) {
  EXPECT_EQ(commit_in_child("crash_before=3"), "killed by signal 9");
  EXPECT_EQ(records(), 4u);
}

TEST_F(FaultStore, kills_the_process_after_a_commit) {
  EXPECT_EQ(commit_in_child("crash_after=3"), "killed by signal 9");
  EXPECT_EQ(records(), 6u);
}

TEST_F(FaultStore, kills_the_process_in_the_middle_of_a_commit) {
  EXPECT_EQ(commit_in_child("crash_during=3"), "killed by signal 9");
  EXPECT_EQ(records(), 5u);
}

TEST_F(FaultStore, does_not_kill_without_being_told) { EXPECT_EQ(commit_in_child("crash_after=11"), "survived"); }

TEST_F(FaultStore, leaves_the_other_options_to_the_store_behind) {
  const auto store = open_store(url("lie=2&synchronous=full"), open_mode::drive, "a test");
  EXPECT_FALSE(store->immediate());
  EXPECT_EQ(store->describe(), "fault+sqlite:" + (scratch_.path() / "jobs.db").string());
  EXPECT_TRUE(store->has_driver());
  EXPECT_EQ(thrown_by([&] { open_store(url("wrong=2"), open_mode::drive, ""); }).code(), errc::bad_url);
}

TEST(FaultPlan, fails_one_commit_without_doing_it) {
  const auto store = open_store("fault+memory:?fail=2", open_mode::drive, "");
  commit_one(*store, spec_of({family, 1}, "one"));
  const error e = thrown_by([&] { commit_one(*store, spec_of({family, 2}, "two")); });
  EXPECT_EQ(e.code(), errc::store_unavailable);
  EXPECT_THAT(e.what(), testing::HasSubstr("failure of commit 2"));
  EXPECT_EQ(store->load({family, 2}), std::nullopt);
  EXPECT_TRUE(commit_one(*store, spec_of({family, 2}, "two")).won);
}

TEST(FaultPlan, fails_all_commits_from_one_on) {
  detail::fault_store store(std::make_unique<detail::memory_store>(), {.fail_from = 2});
  commit_one(store, spec_of({family, 1}, "s"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(thrown_by([&] { commit_one(store, spec_of({family, 2}, "s")); }).code(), errc::store_unavailable);
  }
  EXPECT_EQ(scan_all(store, family).size(), 1u);
}

TEST(FaultPlan, does_one_commit_and_says_that_it_failed) {
  const auto store = open_store("fault+memory:?lie=1", open_mode::drive, "");
  EXPECT_EQ(thrown_by([&] { commit_one(*store, spec_of({family, 1}, "one")); }).code(), errc::store_unavailable);
  EXPECT_EQ(store->load({family, 1})->spec, "one");
  EXPECT_FALSE(commit_one(*store, spec_of({family, 1}, "one")).won);
}

TEST(FaultPlan, fails_and_lies_at_rates_that_a_seed_repeats) {
  const auto fates = [](const std::string& seed) {
    const auto store = open_store("fault+memory:?fail_rate=0.3&lie_rate=0.3&seed=" + seed, open_mode::drive, "");
    std::string text;
    for (std::uint64_t i = 0; i < 400; ++i) {
      bool threw = false;
      try {
        commit_one(*store, spec_of({family, i}, "spec"));
      } catch (const error&) {
        threw = true;
      }
      text += !threw ? '.' : store->load({family, i}) ? 'l' : 'f';
    }
    return text;
  };
  const std::string first = fates("5");
  EXPECT_EQ(first, fates("5"));
  EXPECT_NE(first, fates("6"));
  EXPECT_NEAR(static_cast<double>(std::ranges::count(first, 'f')) / 400, 0.3, 0.1);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(first, 'l')) / 400, 0.7 * 0.3, 0.1);
}

TEST(FaultPlan, a_delayed_store_is_not_immediate) {
  EXPECT_TRUE(open_store("fault+memory:", open_mode::drive, "")->immediate());
  EXPECT_FALSE(open_store("fault+memory:?delay_ms=1", open_mode::drive, "")->immediate());
}

TEST(FaultPlan, tells_a_watcher_of_every_commit_and_throws_what_it_throws) {
  using moment = detail::fault_store::moment;
  std::string seen;
  detail::fault_store store(std::make_unique<detail::memory_store>(), {},
                            [&](moment m, std::uint64_t number, std::span<const detail::write> writes) {
                              seen += m == moment::before ? "before " : "after ";
                              seen += std::to_string(number) + " of " + std::to_string(writes.size()) + "; ";
                              if (number == 2) throw error(errc::store_full, "as the test wants");
                            });
  commit_one(store, spec_of({family, 1}, "one"));
  EXPECT_EQ(thrown_by([&] { commit_one(store, spec_of({family, 2}, "two")); }).code(), errc::store_full);
  EXPECT_EQ(seen, "before 1 of 1; after 1 of 1; before 2 of 1; ");
  EXPECT_EQ(store.load({family, 2}), std::nullopt);
}

}  // namespace
}  // namespace banyan::test
