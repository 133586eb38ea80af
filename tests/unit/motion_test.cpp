#include "actors/motion.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

using detail::motion;

/// A thread that waits until nothing is under way. It is let go at its end whatever happens.
class idle_waiter {
 public:
  explicit idle_waiter(motion& m)
      : motion_(m), thread_([this] {
          begun_.open();
          motion_.wait_idle();
          over_.open();
        }) {
    EXPECT_TRUE(begun_.wait());
  }
  ~idle_waiter() {
    motion_.stop();
    thread_.join();
  }
  bool is_over() { return over_.is_open(); }
  bool wait() { return over_.wait(); }

 private:
  motion& motion_;
  gate begun_;
  gate over_;
  std::thread thread_;
};

TEST(Motion, is_over_where_nothing_is_under_way) {
  motion m;
  m.wait_idle();
  motion::token under_way(m);
  under_way = {};
  m.wait_idle();
}

TEST(Motion, lasts_until_the_last_token_is_gone) {
  motion m;
  std::optional<motion::token> first(m);
  std::optional<motion::token> second(m);
  idle_waiter waiter(m);
  first.reset();
  EXPECT_FALSE(waiter.is_over());
  second.reset();
  EXPECT_TRUE(waiter.wait());
}

TEST(Motion, counts_each_copy_of_a_token) {
  motion m;
  std::optional<motion::token> original(m);
  std::optional<motion::token> copy(*original);
  idle_waiter waiter(m);
  original.reset();
  EXPECT_FALSE(waiter.is_over());
  copy.reset();
  EXPECT_TRUE(waiter.wait());
}

TEST(Motion, counts_a_token_that_moves_once) {
  motion m;
  motion::token first(m);
  motion::token second(std::move(first));
  motion::token third;
  third = std::move(second);
  idle_waiter waiter(m);
  EXPECT_FALSE(waiter.is_over());
  third = {};
  EXPECT_TRUE(waiter.wait());
}

TEST(Motion, forgets_what_a_token_counted_when_another_takes_its_place) {
  motion replaced;
  motion m;
  motion::token t(replaced);
  t = motion::token(m);
  replaced.wait_idle();
  idle_waiter waiter(m);
  EXPECT_FALSE(waiter.is_over());
  t = {};
  EXPECT_TRUE(waiter.wait());
}

TEST(Motion, begins_again) {
  motion m;
  for (int i = 0; i < 2; ++i) {
    motion::token t(m);
    idle_waiter waiter(m);
    t = {};
    EXPECT_TRUE(waiter.wait());
  }
}

TEST(Motion, of_a_token_that_names_none_is_none) {
  motion::token none;
  const motion::token copy = none;
  none = copy;
  motion m;
  m.wait_idle();
}

TEST(Motion, lets_all_go_who_wait_when_it_is_stopped) {
  motion m;
  const motion::token t(m);
  idle_waiter first(m);
  idle_waiter second(m);
  m.stop();
  EXPECT_TRUE(first.wait());
  EXPECT_TRUE(second.wait());
  m.wait_idle();
}

TEST(Motion, wakes_who_waits_however_close_to_the_end_it_comes) {
  motion m;
  for (int round = 0; round < 500; ++round) {
    std::thread works([t = motion::token(m)]() mutable { t = {}; });
    m.wait_idle();
    works.join();
  }
}

}  // namespace
}  // namespace banyan::test
