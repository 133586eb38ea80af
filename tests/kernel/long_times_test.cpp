#include <banyan/completion.hpp>

#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {
namespace {

using std::chrono::milliseconds;

task<int> receives_within(context& ctx, std::int64_t ms) {
  co_return (co_await ctx.receive_for<int>("number", milliseconds(ms))).value_or(-1);
}
BANYAN_FUNCTION(receives_within)

task<int> sleeps_for(context& ctx, std::int64_t ms) {
  co_await ctx.sleep(milliseconds(ms));
  co_return -1;
}
BANYAN_FUNCTION(sleeps_for)

task<int> has_timeout(context& ctx, std::int64_t ms) {
  const auto number = ctx.promise<int>("number");
  co_return co_await with_timeout(number, milliseconds(ms));
}
BANYAN_FUNCTION(has_timeout)

task<int> waits_within(context& ctx, std::int64_t ms) {
  std::vector<future<int>> all{ctx.promise<int>("number")};
  const wait_options limited{.deadline = milliseconds(ms)};
  const wait_result<int> split = co_await banyan::wait(all, limited);
  co_return split.open.empty() ? 0 : -1;
}
BANYAN_FUNCTION(waits_within)

/// Longer than clocks can tell.
const std::vector<std::int64_t> too_long{milliseconds::max().count(), milliseconds(std::chrono::years(1000)).count()};

class LongTimes : public Kernel {};

TEST_P(LongTimes, do_not_end_at_once) {
  std::vector<future<int>> all;
  for (const std::int64_t ms : too_long) {
    for (const auto f : {receives_within, sleeps_for, has_timeout, waits_within}) all.push_back(rt().spawn(f, ms));
  }
  for (const auto& f : all) EXPECT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  // All have come to their waits, and those were not over.
  EXPECT_EQ(rt().spawn(sleeps_for, 50).get(), -1);
  for (const auto& f : all) EXPECT_EQ(f.status(), status::waiting);
  all[0].send("number", 7);
  EXPECT_EQ(all[0].get(), 7);
}

TEST_P(LongTimes, hold_over_a_restart) {
  if (GetParam() == "memory") GTEST_SKIP() << "a store that outlives the runtime";
  const auto k = rt().spawn(receives_within, too_long[0]).key();
  ASSERT_TRUE(wait_until([&] { return rt().find_handle(k).status() == status::waiting; }));
  restart();
  const auto again = rt().find<int>(k);
  again.send("number", 8);
  EXPECT_EQ(again.get_for(20s), 8);
}

TEST_P(LongTimes, bound_calls_of_plain_code) {
  const auto f = rt().spawn(receives_within, too_long[0]);
  EXPECT_FALSE(f.wait_for(milliseconds::min()));
  f.send("number", 9);
  EXPECT_TRUE(f.wait_for(milliseconds::max()));
  EXPECT_EQ(f.get_for(milliseconds::max()), 9);
}

TEST_P(LongTimes, before_1970_are_shown_as_times) {
  const auto f = rt().spawn({.start_at = std::chrono::system_clock::time_point::min()}, receives_within, 0);
  EXPECT_EQ(f.get(), -1);
  EXPECT_THAT(f.to_json(), testing::HasSubstr("\"start_at\":\"1677-09-21T00:12:43.146Z\""));
}

BANYAN_OVER_EACH_STORE(LongTimes);

}  // namespace
}  // namespace banyan::test
