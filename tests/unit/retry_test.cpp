#include <gtest/gtest.h>

#include <banyan/detail/recorded_run.hpp>

#include "actors/lifecycle.hpp"

namespace banyan::detail {
namespace {

using namespace std::chrono_literals;
using phase = lifecycle::phase;

const outcome_ptr failed = make_failure({errc::failed, "it broke"});
const retry_policy three_attempts{.max_attempts = 3};

/// A future whose first attempt has failed and is followed by another.
lifecycle draining(std::uint64_t children = 0) {
  lifecycle l;
  l.start();
  for (; children > 0; --children) l.child_opened();
  l.function_failed(failed, false, three_attempts);
  return l;
}

bool retried(errc code, bool from_child = false, const retry_policy& retry = three_attempts) {
  return retries(retry, 1, {code, "it broke"}, from_child);
}

TEST(Retry, follows_while_attempts_are_left) {
  EXPECT_TRUE(retries(three_attempts, 1, {}, false));
  EXPECT_TRUE(retries(three_attempts, 2, {}, false));
  EXPECT_FALSE(retries(three_attempts, 3, {}, false));
  EXPECT_FALSE(retries(three_attempts, 4, {}, false));
  EXPECT_FALSE(retries({}, 1, {}, false));
}

TEST(Retry, leaves_a_childs_failure_to_the_child_unless_told_otherwise) {
  EXPECT_FALSE(retried(errc::failed, true));
  EXPECT_TRUE(retried(errc::failed, true, {.max_attempts = 3, .child_failures = true}));
  EXPECT_FALSE(retried(errc::permanent, true, {.max_attempts = 3, .child_failures = true}));
}

TEST(Retry, does_not_follow_what_would_only_fail_again) {
  EXPECT_FALSE(retried(errc::permanent));
  EXPECT_FALSE(retried(errc::bad_payload));
  EXPECT_FALSE(retried(errc::too_large));
  EXPECT_TRUE(retried(errc::failed));
  EXPECT_TRUE(retried(errc::timeout));
  EXPECT_TRUE(retried(errc::store_unavailable));
}

TEST(Retry, remembers_the_failure_of_the_attempt) {
  EXPECT_EQ(draining().failure(), failed);
  EXPECT_EQ(draining().attempt(), 1u);
  EXPECT_EQ(draining().result(), nullptr);
}

TEST(Retry, waits_for_the_record_and_for_all_children_of_the_attempt_in_either_order) {
  lifecycle children_first = draining(2);
  EXPECT_EQ(children_first.child_closed(), 0u);
  EXPECT_EQ(children_first.child_closed(), 0u);
  EXPECT_EQ(children_first.attempt_recorded(), back_off);

  lifecycle record_first = draining(2);
  EXPECT_EQ(record_first.attempt_recorded(), 0u);
  EXPECT_EQ(record_first.child_closed(), 0u);
  EXPECT_EQ(record_first.child_closed(), back_off);
}

TEST(Retry, does_not_wait_for_children_that_outlive_the_attempt) {
  lifecycle l = draining(1);
  l.child_lingers();
  EXPECT_EQ(l.child_closed(), 0u);
  EXPECT_EQ(l.attempt_recorded(), back_off);
  EXPECT_EQ(l.backed_off(), start_function);
  l.function_returned(make_success("value"));
  EXPECT_EQ(l.result_recorded(make_success("value")), 0u);
  EXPECT_EQ(l.lingering_child_closed(), settle);
}

TEST(Retry, counts_its_attempts_and_ends_with_the_last_error) {
  lifecycle l = draining();
  for (std::uint32_t attempt = 2; attempt <= 3; ++attempt) {
    l.attempt_recorded();
    EXPECT_EQ(l.backed_off(), start_function);
    EXPECT_EQ(l.attempt(), attempt);
    EXPECT_TRUE(l.function_alive());
    const bool last = attempt == 3;
    const outcome_ptr why = make_failure({errc::failed, "it broke again"});
    EXPECT_EQ(l.function_failed(why, false, three_attempts), stop_children | (last ? record_result : record_attempt));
    EXPECT_EQ(l.result(), last ? why : nullptr);
  }
}

TEST(Retry, of_the_next_attempt_does_not_take_an_old_record_for_its_own) {
  lifecycle l = draining();
  l.attempt_recorded();
  l.backed_off();
  // As when an actor that died had asked for it.
  EXPECT_EQ(l.attempt_recorded(), 0u);
  l.function_failed(failed, false, three_attempts);
  l.child_opened();
  EXPECT_EQ(l.child_closed(), 0u);
  EXPECT_EQ(l.current(), phase::draining);
}

TEST(Retry, is_over_when_the_delay_ends_after_a_stop) {
  lifecycle l = draining();
  l.attempt_recorded();
  l.stop(make_cancelled({errc::cancelled, "no longer wanted"}));
  EXPECT_EQ(l.backed_off(), 0u);
  EXPECT_EQ(l.attempt(), 1u);
  EXPECT_EQ(l.current(), phase::recording);
}

TEST(Retry, that_drains_settles_with_a_result_from_outside_once_its_children_have) {
  lifecycle l = draining(1);
  EXPECT_EQ(l.result_recorded(make_success("from outside")), stop_bound_children);
  EXPECT_EQ(l.attempt_recorded(), 0u);
  EXPECT_EQ(l.child_closed(), settle);
}

/// Without chance.
constexpr retry_policy exact{.first_delay = 100ms, .factor = 3, .max_delay = 1000ms, .jitter = 0};

TEST(RetryDelay, grows_by_its_factor_up_to_the_longest) {
  EXPECT_EQ(retry_delay(exact, 1, 0.5), 100ms);
  EXPECT_EQ(retry_delay(exact, 2, 0.5), 300ms);
  EXPECT_EQ(retry_delay(exact, 3, 0.5), 900ms);
  EXPECT_EQ(retry_delay(exact, 4, 0.5), 1000ms);
  EXPECT_EQ(retry_delay(exact, 1'000'000, 0.5), 1000ms);
}

TEST(RetryDelay, is_no_longer_than_the_longest_from_the_first_on) {
  EXPECT_EQ(retry_delay({.first_delay = 5000ms, .max_delay = 1000ms, .jitter = 0}, 1, 0.5), 1000ms);
}

TEST(RetryDelay, stays_the_same_with_a_factor_of_one) {
  EXPECT_EQ(retry_delay({.first_delay = 70ms, .factor = 1, .jitter = 0}, 1, 0.5), 70ms);
  EXPECT_EQ(retry_delay({.first_delay = 70ms, .factor = 1, .jitter = 0}, 1000, 0.5), 70ms);
}

TEST(RetryDelay, is_stretched_and_shrunk_by_up_to_its_jitter) {
  retry_policy p = exact;
  p.jitter = 0.25;
  EXPECT_EQ(retry_delay(p, 1, 0), 75ms);
  EXPECT_EQ(retry_delay(p, 1, 0.5), 100ms);
  EXPECT_EQ(retry_delay(p, 1, 1), 125ms);
  EXPECT_EQ(retry_delay(p, 9, 1), 1250ms);
  p.jitter = 1;
  EXPECT_EQ(retry_delay(p, 1, 0), 0ms);
  EXPECT_EQ(retry_delay(p, 1, 1), 200ms);
}

TEST(RetryDelay, ignores_chance_without_jitter) { EXPECT_EQ(retry_delay(exact, 1, 0), retry_delay(exact, 1, 1)); }

TEST(RetryDelay, of_nothing_stays_nothing_however_often_it_failed) {
  const retry_policy at_once{.first_delay = 0ms, .factor = 2, .jitter = 0};
  EXPECT_EQ(retry_delay(at_once, 1, 0.5), 0ms);
  EXPECT_EQ(retry_delay(at_once, 5000, 0.5), 0ms);
}

TEST(RetryDelay, that_has_no_bound_can_still_be_added_to_the_time) {
  const auto unbounded = std::chrono::milliseconds::max();
  for (const retry_policy& p : {retry_policy{.max_delay = unbounded},
                                retry_policy{.first_delay = unbounded, .max_delay = unbounded, .jitter = 1}}) {
    const auto now = std::chrono::system_clock::now();
    EXPECT_GT(now + retry_delay(p, 5000, 1), now + 24h * 365 * 50);
  }
}

TEST(RetryDelay, takes_its_chance_from_nothing_to_one) {
  for (int i = 0; i < 1000; ++i) {
    const double spread = random_spread();
    ASSERT_GE(spread, 0);
    ASSERT_LE(spread, 1);
  }
}

}  // namespace
}  // namespace banyan::detail
