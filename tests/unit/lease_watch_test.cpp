#include "persistence/lease_watch.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "tests/support/gate.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using detail::boot_clock;
using detail::lease_watch;
using std::chrono::hours;
using std::chrono::milliseconds;

TEST(LeaseWatch, a_lease_is_over_nine_tenths_of_its_length_after_it_was_asked_for) {
  EXPECT_FALSE(lease_watch(hours(10), boot_clock::now()).over());
  EXPECT_FALSE(lease_watch(hours(10), boot_clock::now() - hours(8)).over());
  EXPECT_TRUE(lease_watch(hours(10), boot_clock::now() - hours(9)).over());
}

TEST(LeaseWatch, a_renewed_one_goes_on) {
  constexpr milliseconds length{1000};
  const auto begin = boot_clock::now();
  std::atomic<bool> told{false};
  lease_watch w(length, begin);
  w.on_over([&] { told = true; });
  w.renewed(begin + hours(1));
  EXPECT_TRUE(wait_until([&] { return boot_clock::now() > begin + length; }));
  EXPECT_FALSE(w.over());
  EXPECT_FALSE(told);
}

TEST(LeaseWatch, what_is_over_stays_so_also_when_it_is_renewed) {
  lease_watch by_clock(hours(10), boot_clock::now() - hours(9));
  by_clock.renewed(boot_clock::now());
  EXPECT_TRUE(by_clock.over());
  lease_watch by_word(hours(10), boot_clock::now());
  by_word.lost();
  by_word.renewed(boot_clock::now());
  EXPECT_TRUE(by_word.over());
}

TEST(LeaseWatch, a_renewal_that_is_answered_late_does_not_shorten_it) {
  lease_watch w(hours(10), boot_clock::now());
  w.renewed(boot_clock::now() - hours(10));
  EXPECT_FALSE(w.over());
}

TEST(LeaseWatch, says_once_that_it_is_over) {
  std::atomic<int> calls{0};
  gate told;
  {
    lease_watch w(milliseconds(100), boot_clock::now());
    w.on_over([&] {
      ++calls;
      told.open();
    });
    EXPECT_TRUE(told.wait());
    EXPECT_TRUE(w.over());
    w.lost();
  }
  EXPECT_EQ(calls, 1);
}

TEST(LeaseWatch, says_at_once_that_it_was_lost_and_to_who_asks_late_too) {
  lease_watch w(hours(10), boot_clock::now());
  gate told;
  w.on_over([&] { told.open(); });
  w.lost();
  EXPECT_TRUE(told.wait());
  gate told_late;
  w.on_over([&] { told_late.open(); });
  EXPECT_TRUE(told_late.wait());
}

}  // namespace
}  // namespace banyan::test
