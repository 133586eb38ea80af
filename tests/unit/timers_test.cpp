#include "actors/timers.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <thread>
#include <vector>

#include "persistence/boot_clock.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using detail::timers;
using testing::ElementsAre;

timers::clock::time_point now() { return timers::clock::now(); }

/// Keeps the timers' thread in a call, so that what becomes due meanwhile gathers.
struct held_timers {
  gate begun;
  gate go_on;
  timers clock;

  held_timers() {
    clock.schedule(now(), [this] {
      begun.open();
      EXPECT_TRUE(go_on.wait());
    });
    EXPECT_TRUE(begun.wait());
  }

  ~held_timers() { go_on.open(); }
};

TEST(Timers, call_what_is_due) {
  gate called;
  timers t;
  EXPECT_TRUE(t.schedule(now() - 1h, [&] { called.open(); }));
  EXPECT_TRUE(called.wait());
}

TEST(Timers, call_nothing_before_its_time) {
  gate called;
  timers t;
  const auto when = now() + 30ms;
  t.schedule(when, [&] {
    EXPECT_GE(now(), when);
    called.open();
  });
  EXPECT_TRUE(called.wait());
}

TEST(Timers, call_by_time_and_at_one_time_in_the_order_of_asking) {
  std::vector<int> order;
  gate all;
  held_timers held;
  const auto past = now() - 1h;
  held.clock.schedule(past + 3ms, [&] {
    order.push_back(4);
    all.open();
  });
  held.clock.schedule(past + 1ms, [&] { order.push_back(1); });
  held.clock.schedule(past + 2ms, [&] { order.push_back(2); });
  held.clock.schedule(past + 2ms, [&] { order.push_back(3); });
  held.go_on.open();
  ASSERT_TRUE(all.wait());
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

TEST(Timers, do_not_sleep_over_an_earlier_one_that_comes_later) {
  timers t;
  t.schedule(now() + 1h, [] { ADD_FAILURE() << "called an hour early"; });
  for (int round = 0; round < 100; ++round) {
    const auto called = std::make_shared<gate>();
    t.schedule(now(), [called] { called->open(); });
    ASSERT_TRUE(called->wait());
  }
}

TEST(Timers, call_no_timer_that_was_cancelled) {
  gate next;
  held_timers held;
  const timers::id cancelled = held.clock.schedule(now() - 1h, [] { ADD_FAILURE() << "was cancelled"; });
  held.clock.schedule(now() - 1h, [&] { next.open(); });
  EXPECT_TRUE(held.clock.cancel(cancelled));
  EXPECT_FALSE(held.clock.cancel(cancelled));
  held.go_on.open();
  EXPECT_TRUE(next.wait());
}

TEST(Timers, cannot_cancel_what_is_being_called_or_has_been) {
  gate begun;
  gate go_on;
  gate done;
  timers t;
  const timers::id first = t.schedule(now(), [&] {
    begun.open();
    EXPECT_TRUE(go_on.wait());
  });
  t.schedule(now() + 1ms, [&] { done.open(); });
  ASSERT_TRUE(begun.wait());
  EXPECT_FALSE(t.cancel(first));
  go_on.open();
  ASSERT_TRUE(done.wait());
  EXPECT_FALSE(t.cancel(first));
}

TEST(Timers, cancel_none_for_a_name_that_names_none) {
  timers t;
  const timers::id none;
  EXPECT_FALSE(none);
  EXPECT_FALSE(t.cancel(none));
}

TEST(Timers, free_at_once_what_a_cancelled_one_held) {
  timers t;
  const auto held = std::make_shared<int>(1);
  const timers::id timer = t.schedule(now() + 1h, [held] {});
  EXPECT_EQ(held.use_count(), 2);
  t.cancel(timer);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Timers, free_what_a_call_held_when_it_has_been_made) {
  timers t;
  const auto held = std::make_shared<int>(1);
  t.schedule(now(), [held] {});
  EXPECT_TRUE(wait_until([&] { return held.use_count() == 1; }));
}

TEST(Timers, may_be_used_by_what_they_free) {
  gate used;
  timers t;
  const auto use = [&](int*) {
    t.cancel(t.schedule(now() + 1h, [] {}));
    used.open();
  };
  t.schedule(now(), [last_reference = std::shared_ptr<int>(nullptr, use)] {});
  EXPECT_TRUE(used.wait());
}

TEST(Timers, may_be_used_by_what_they_call) {
  gate called;
  timers t;
  const timers::id later = t.schedule(now() + 1h, [] { ADD_FAILURE() << "was cancelled"; });
  t.schedule(now(), [&] {
    EXPECT_TRUE(t.cancel(later));
    t.schedule(now(), [&] { called.open(); });
  });
  EXPECT_TRUE(called.wait());
}

TEST(Timers, wait_at_a_stop_for_the_call_that_is_under_way) {
  bool ended = false;
  held_timers held;
  held.clock.schedule(now() - 1h, [&] { ADD_FAILURE() << "called after the stop"; });
  std::thread opens([&] {
    // The stop has come when nothing more is taken.
    EXPECT_TRUE(wait_until([&] { return !held.clock.schedule(now() + 1h, [] {}); }));
    ended = true;
    held.go_on.open();
  });
  held.clock.stop();
  EXPECT_TRUE(ended);
  opens.join();
}

TEST(Timers, that_are_stopped_free_what_waits_and_take_nothing_more) {
  timers t;
  const auto held = std::make_shared<int>(1);
  t.schedule(now() + 1h, [held] {});
  t.stop();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(t.schedule(now(), [held] { ADD_FAILURE() << "called after the stop"; }));
  EXPECT_EQ(held.use_count(), 1);
  t.stop();
}

TEST(Timers, lose_none_of_many_from_many_threads) {
  constexpr int threads = 4;
  constexpr int each = 500;
  std::atomic<int> called{0};
  timers t;
  std::vector<std::thread> askers;
  for (int i = 0; i < threads; ++i) {
    askers.emplace_back([&, i] {
      for (int n = 0; n < each; ++n) t.schedule(now() + std::chrono::microseconds(i * n % 700), [&] { ++called; });
    });
  }
  for (std::thread& a : askers) a.join();
  EXPECT_TRUE(wait_until([&] { return called == threads * each; }));
}

/// The base of a clock that is so far ahead of this machine's.
std::chrono::milliseconds base_of_a_clock(std::chrono::milliseconds ahead) {
  const auto since_boot = detail::boot_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now().time_since_epoch() - since_boot) + ahead;
}

TEST(Timers, go_by_another_clock_from_when_it_is_known) {
  gate soon;
  gate late;
  timers t;
  t.schedule(now() + 1h, [&] { soon.open(); });
  t.schedule(now() + 3h, [&] { late.open(); });
  t.set_base(base_of_a_clock(2h));
  EXPECT_TRUE(soon.wait());
  EXPECT_GE(t.now(), now() + 1h);
  EXPECT_FALSE(late.is_open());
  t.set_base(base_of_a_clock(-1h));
  gate at_once;
  t.schedule(now() - 2h, [&] { at_once.open(); });
  EXPECT_TRUE(at_once.wait());
  gate after_a_while;
  t.schedule(t.now() + 50ms, [&] { after_a_while.open(); });
  EXPECT_TRUE(after_a_while.wait());
}

}  // namespace
}  // namespace banyan::test
