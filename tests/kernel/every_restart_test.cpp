#include "tests/kernel/every_fixture.hpp"

/// Schedules whose runtime ends and begins again.
namespace banyan::test {
namespace {

using testing::SizeIs;

class EveryAfterARestart : public Every {};

TEST_P(EveryAfterARestart, goes_on_where_it_was) {
  const auto f = rt().every({.id = "x", .overlap = overlap::queue, .catch_up = catch_up::all, .times = 40},
                            interval(4ms), takes_some_time);
  const key k = f.key();
  for (const std::uint64_t count : {5u, 12u, 20u}) {
    ASSERT_TRUE(wait_until([&] { return seen(rt().find<recurrence>(k)).started >= count; }));
    restart();
  }
  EXPECT_EQ(rt().find<recurrence>(k).get_for(20s).missed, 0u);
  EXPECT_THAT(steps_between(times_of("takes_some_time")), testing::AllOf(SizeIs(40 - 1), testing::Each(4)));
}

TEST_P(EveryAfterARestart, makes_up_for_the_last_time_that_passed_meanwhile) {
  const auto f = rt().every({.id = "x", .overlap = overlap::allow, .times = 4}, interval(50ms), tells_its_time, 0);
  const key k = f.key();
  ASSERT_TRUE(wait_until([&] { return seen(f).started >= 1; }));
  const auto last = *seen(f).last;
  stop();
  ASSERT_TRUE(wait_until([&] { return std::chrono::system_clock::now() > last + 400ms; }));
  const recurrence r = rt().find<recurrence>(k).get_for(20s);
  EXPECT_EQ(r.started, 4u);
  EXPECT_GE(r.missed, 5u);
  const std::vector<millis> times = times_of("tells_its_time");
  EXPECT_EQ(std::set(times.begin(), times.end()).size(), 4u);
}

TEST_P(EveryAfterARestart, knows_the_run_that_is_open) {
  const auto f = rt().every({.id = "x", .overlap = overlap::skip}, interval(10ms), waits_for_go);
  const key k = f.key();
  ASSERT_TRUE(await_waiting(1));
  const key run = waiting().front();
  for (int i = 0; i < 2; ++i) {
    restart();
    const std::uint64_t before = seen(rt().find<recurrence>(k)).skipped;
    ASSERT_TRUE(wait_until([&] { return seen(rt().find<recurrence>(k)).skipped > before; }));
    EXPECT_EQ(seen(rt().find<recurrence>(k)).run, run);
  }
  EXPECT_THAT(runs_of("waits_for_go"), SizeIs(1));
  EXPECT_TRUE(rt().find_handle(run).send("go", 1));
  ASSERT_TRUE(wait_until([&] { return seen(rt().find<recurrence>(k)).started == 2; }));
  rt().find_handle(k).cancel();
}

TEST_P(EveryAfterARestart, stays_cancelled) {
  const key k = rt().every({.id = "x"}, interval(1h), tells_its_time, 0).key();
  EXPECT_TRUE(rt().find_handle(k).cancel());
  restart();
  EXPECT_EQ(rt().every({.id = "x"}, interval(1h), tells_its_time, 0).status(), status::cancelled);
}

BANYAN_OVER_SHARED_STORES(EveryAfterARestart);

}  // namespace
}  // namespace banyan::test
