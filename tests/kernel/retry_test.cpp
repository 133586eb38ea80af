#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr retry_policy at_once(unsigned attempts, bool child_failures = false) {
  return {.max_attempts = attempts, .first_delay = 0ms, .jitter = 0, .child_failures = child_failures};
}

/// How often each leaf ran, by its number.
std::array<std::atomic<int>, 16> runs;
/// So many runs of a leaf fail.
std::array<std::atomic<int>, 16> failures;
std::atomic<int> steps{0};

int flaky_leaf(int n) {
  const auto i = static_cast<std::size_t>(n);
  if (++runs[i] <= failures[i]) throw std::runtime_error("leaf " + std::to_string(n) + " is flaky");
  return n;
}
BANYAN_FUNCTION(flaky_leaf)

int permanent_leaf(int n) {
  ++runs[static_cast<std::size_t>(n)];
  throw permanent_failure("never");
}
BANYAN_FUNCTION(permanent_leaf)

task<int> asks_once(context& ctx) {
  const auto word = ctx.promise<int>("word");
  co_return co_await word;
}
BANYAN_FUNCTION(asks_once)

/// Leaves `first` and `first + 1`.
task<int> pair_of_leaves(context& ctx, int first) {
  ++runs[static_cast<std::size_t>(10 + first)];
  const auto a = ctx.spawn(flaky_leaf, first);
  const auto b = ctx.spawn(flaky_leaf, first + 1);
  co_return co_await a + co_await b;
}
BANYAN_FUNCTION(pair_of_leaves)

/// Leaves 0 to 3 in two pairs, and a step. The second pair is over before a failure of the first one is seen.
task<int> two_pairs(context& ctx) {
  const auto a = ctx.spawn(pair_of_leaves, 0);
  const auto b = ctx.spawn(pair_of_leaves, 2);
  const int one = co_await ctx.run("one", [] { return ++steps, 1; });
  const int right = co_await b;
  co_return one + right + co_await a;
}
BANYAN_FUNCTION(two_pairs)

class Retry : public Kernel {
 protected:
  Retry() {
    steps = 0;
    for (auto& r : runs) r = 0;
    for (auto& f : failures) f = 0;
  }
};
BANYAN_OVER_EACH_STORE(Retry);

TEST_P(Retry, one_attempt_is_the_default) {
  failures[0] = 1;
  const auto job = rt().spawn(flaky_leaf, 0);
  EXPECT_THROW(job.get(), failure);
  EXPECT_EQ(runs[0], 1);
}

TEST_P(Retry, goes_on_until_an_attempt_succeeds) {
  failures[0] = 2;
  const auto job = rt().spawn({.retry = at_once(5)}, flaky_leaf, 0);
  EXPECT_EQ(job.get(), 0);
  EXPECT_EQ(runs[0], 3);
  EXPECT_THAT(job.to_json(), AllOf(HasSubstr("\"attempts\":3"), HasSubstr("leaf 0 is flaky")));
}

TEST_P(Retry, ends_with_the_last_error) {
  failures[0] = 9;
  const auto job = rt().spawn({.retry = at_once(3)}, flaky_leaf, 0);
  EXPECT_THAT(message_of([&] { job.get(); }), HasSubstr("leaf 0 is flaky"));
  EXPECT_EQ(runs[0], 3);
}

TEST_P(Retry, a_permanent_failure_is_not_retried) {
  const auto job = rt().spawn({.retry = at_once(5)}, permanent_leaf, 0);
  EXPECT_EQ(code_of([&] { job.get(); }), errc::permanent);
  EXPECT_EQ(runs[0], 1);
}

TEST_P(Retry, a_childs_failure_is_not_retried_unless_asked) {
  failures[0] = 1;
  EXPECT_THROW(rt().spawn({.retry = at_once(5)}, pair_of_leaves, 0).get(), failure);
  EXPECT_EQ(runs[0], 1);
  EXPECT_EQ(runs[10], 1);
}

TEST_P(Retry, runs_again_only_what_failed) {
  failures[1] = 2;
  EXPECT_EQ(rt().spawn({.retry = at_once(5, true)}, pair_of_leaves, 0).get(), 1);
  EXPECT_EQ(runs[0], 1);
  EXPECT_EQ(runs[1], 3);
}

TEST_P(Retry, takes_over_what_succeeded_below_a_failed_child) {
  failures[1] = 2;
  EXPECT_EQ(rt().spawn({.retry = at_once(5, true)}, two_pairs).get(), 7);
  EXPECT_THAT((std::vector<int>{runs[0], runs[1], runs[2], runs[3]}), ElementsAre(1, 3, 1, 1));
  EXPECT_EQ(runs[10], 3);
  EXPECT_EQ(runs[12], 1);
  EXPECT_EQ(steps, 1);
}

TEST_P(Retry, takes_over_across_attempts_of_child_and_parent) {
  failures[1] = 3;
  failures[3] = 1;
  EXPECT_EQ(rt().spawn({.retry = at_once(9, true)}, two_pairs).get(), 7);
  EXPECT_THAT((std::vector<int>{runs[0], runs[1], runs[2], runs[3]}), ElementsAre(1, 4, 1, 2));
  EXPECT_EQ(steps, 1);
}

/// Fails by itself after its child succeeded, until the third attempt.
task<std::string> late_failure(context& ctx) {
  const auto now = ctx.now();
  const auto n = ctx.random();
  const auto id = ctx.uuid();
  const int leaf = co_await ctx.spawn(flaky_leaf, 0);
  co_await ctx.run("fails twice", [] {
    if (++steps < 3) throw std::runtime_error("not yet");
  });
  const auto seen = std::to_string(now.time_since_epoch().count()) + "/" + std::to_string(n) + "/" + id;
  if (ctx.restore<std::string>().value_or(seen) != seen) co_return "differs";
  ctx.checkpoint(seen);
  co_return std::to_string(ctx.attempt()) + " " + std::to_string(leaf);
}
BANYAN_FUNCTION(late_failure)

TEST_P(Retry, takes_over_answers_but_no_failed_steps) {
  EXPECT_EQ(rt().spawn({.retry = at_once(5)}, late_failure).get(), "3 0");
  EXPECT_EQ(runs[0], 1);
  EXPECT_EQ(steps, 3);
}

task<int> retried_step(context& ctx) {
  co_return co_await ctx.run(
      "flaky",
      [] {
        if (++steps < 3) throw std::runtime_error("not yet");
        return steps.load();
      },
      at_once(3));
}
BANYAN_FUNCTION(retried_step)

task<std::string> step_of_another_kind(context& ctx) {
  try {
    co_await ctx.run(
        "throws", []() -> int { throw ++steps; }, at_once(3));
  } catch (const failure& e) {
    co_return e.message();
  }
  co_return "";
}
BANYAN_FUNCTION(step_of_another_kind)

TEST_P(Retry, what_a_step_throws_may_be_of_any_kind) {
  EXPECT_THAT(rt().spawn(step_of_another_kind).get(), HasSubstr("no std::exception"));
  EXPECT_EQ(steps, 3);
}

TEST_P(Retry, a_step_has_a_policy_of_its_own) { EXPECT_EQ(rt().spawn(retried_step).get(), 3); }

task<int> fails_while_a_child_waits(context& ctx, bool detached) {
  options o;
  if (detached) o.on_parent_done = on_parent_done::detach;
  o.start_after = 400ms;  // after the last attempt, which would else take over what succeeded
  ctx.spawn(o, flaky_leaf, 5);
  if (++steps < 3) throw std::runtime_error("not yet");
  co_return steps;
}
BANYAN_FUNCTION(fails_while_a_child_waits)

TEST_P(Retry, ends_the_children_of_the_failed_attempt_first) {
  const auto job = rt().spawn({.retry = at_once(5)}, fails_while_a_child_waits, false);
  EXPECT_EQ(job.get(), 3);
  rt().wait_idle();
  EXPECT_EQ(runs[5], 1);
}

TEST_P(Retry, detached_children_of_a_failed_attempt_go_on) {
  const auto job = rt().spawn({.retry = at_once(5)}, fails_while_a_child_waits, true);
  EXPECT_EQ(job.get(), 3);
  rt().wait_idle();
  EXPECT_EQ(runs[5], 3);
  EXPECT_TRUE(rt().roots().front().settled);
}

TEST_P(Retry, waits_for_its_delay) {
  failures[0] = 1;
  const auto before = std::chrono::steady_clock::now();
  rt().spawn({.retry = {.max_attempts = 2, .first_delay = 80ms, .jitter = 0}}, flaky_leaf, 0).get();
  EXPECT_GE(std::chrono::steady_clock::now() - before, 79ms);
}

TEST_P(Retry, asks_anew_for_a_promise_that_was_refused) {
  const auto job = rt().spawn({.retry = at_once(2, true)}, asks_once);
  std::vector<future_handle> asked;
  EXPECT_TRUE(wait_until([&] { return (asked = job.children()).size() == 1; }));
  const future_handle first = asked[0];
  first.set_error("refused");
  EXPECT_TRUE(wait_until([&] { return (asked = job.children()).size() == 1 && asked[0] != first; }));
  future<int>(asked[0]).set_value(5);
  EXPECT_EQ(job.get(), 5);
}

class RetryAfterRestart : public Restart {};

TEST_F(RetryAfterRestart, attempts_are_counted_across_restarts) {
  runs[0] = 0;
  failures[0] = 9;
  const auto job = rt().spawn({.retry = {.max_attempts = 3, .first_delay = 1h, .max_delay = 1h}}, flaky_leaf, 0);
  const key k = job.key();
  EXPECT_TRUE(wait_until([&] { return job.to_json().find("leaf 0 is flaky") != std::string::npos; }));
  restart();
  EXPECT_TRUE(wait_until([&] { return runs[0] == 2; }));
  EXPECT_TRUE(wait_until([&] { return rt().find<int>(k).to_json().find("\"attempts\":3") != std::string::npos; }));
  restart();
  EXPECT_THROW(rt().find<int>(k).get(), failure);
  EXPECT_EQ(runs[0], 3);
}

}  // namespace
}  // namespace banyan::test
