#include <thread>

#include <gtest/gtest.h>

#include "tests/support/redis_server.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

/// A driver that waits for hints, for much longer than a test has.
class RedisHints : public testing::Test {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    server_.emplace();
    driver_ = detail::open_store(server_->url(), detail::open_mode::drive, "a test");
    waiter_ = std::thread([this] {
      driver_->await_hint(std::chrono::hours(1));
      woken_ = true;
    });
  }
  void TearDown() override {
    if (!waiter_.joinable()) return;
    driver_->stop_hints();
    waiter_.join();
  }

  std::optional<redis_server> server_;
  std::unique_ptr<detail::store> driver_;
  std::atomic<bool> woken_{false};
  std::thread waiter_;
};

TEST_F(RedisHints, a_notice_wakes_the_driver_that_waits) {
  const auto outside = detail::open_store(server_->url(), detail::open_mode::outside, "");
  const detail::write notice{detail::write::what::notice, {1, 2}, 3, 0, {}};
  // Who does not listen yet does not hear it.
  EXPECT_TRUE(wait_until([&] {
    commit_all(*outside, {notice});
    return woken_.load();
  }));
  EXPECT_EQ(driver_->take_notices(), std::vector{key({1, 2}, 3)});
}

TEST_F(RedisHints, a_lost_connection_wakes_it_too) {
  EXPECT_TRUE(wait_until([&] {
    server_->ask({"CLIENT", "KILL", "TYPE", "pubsub"});
    return woken_.load();
  }));
}

TEST_F(RedisHints, who_is_told_to_stop_does_not_wait) {
  driver_->stop_hints();
  EXPECT_TRUE(wait_until([&] { return woken_.load(); }));
  driver_->await_hint(std::chrono::hours(1));
}

}  // namespace
}  // namespace banyan::test
