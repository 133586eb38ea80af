#include <thread>

#include "messages/clock.hpp"
#include "messages/record.hpp"
#include "persistence/outside.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

std::atomic<bool> acknowledged{false};
std::atomic<int> started_late{0};
std::atomic<int> leaves{0};
std::atomic<int> caught{0};

void note_start(const context& ctx) {
  ++leaves;
  // Whoever starts after the acknowledgement knows from its first instruction that it was cancelled.
  if (acknowledged && !ctx.cancelled()) ++started_late;
}

task<int> sleeper(context& ctx) {
  note_start(ctx);
  co_await ctx.sleep(1h);
  co_return 1;
}
BANYAN_FUNCTION(sleeper)

int spinner(context& ctx) {
  note_start(ctx);
  while (!ctx.cancelled()) std::this_thread::yield();
  ctx.check_cancelled();
  return 1;
}
BANYAN_FUNCTION(spinner)

task<int> bush(context& ctx, int depth) {
  note_start(ctx);
  if (depth == 0) co_return 1;
  std::vector<future<int>> children;
  for (int i = 0; i < 4; ++i) children.push_back(ctx.spawn(bush, depth - 1));
  if (depth == 1) children.push_back(ctx.spawn(sleeper));
  int sum = 0;
  for (const auto& child : children) sum += co_await child;
  co_return sum;
}
BANYAN_FUNCTION(bush)

task<int> two_sleepers(context& ctx) {
  const auto a = ctx.spawn(sleeper);
  const auto b = ctx.spawn(sleeper);
  try {
    co_await a;
  } catch (const cancelled&) {
    ++caught;
  }
  co_return co_await b;
}
BANYAN_FUNCTION(two_sleepers)

task<int> waits_for_promise(context& ctx) { co_return co_await ctx.promise<int>("never"); }
BANYAN_FUNCTION(waits_for_promise)

task<int> later_child(context& ctx) { co_return co_await ctx.spawn({.start_after = 1h}, sleeper); }
BANYAN_FUNCTION(later_child)

task<int> spinner_and_queued(context& ctx) {
  const auto a = ctx.spawn(spinner);
  std::vector<future<int>> queued;
  for (int i = 0; i < 50; ++i) queued.push_back(ctx.spawn(spinner));
  co_return co_await a;
}
BANYAN_FUNCTION(spinner_and_queued)

int waits_for_child(context& ctx) { return ctx.spawn(sleeper).get(); }
BANYAN_FUNCTION(waits_for_child)

task<int> above_a_blocked_one(context& ctx) { co_return co_await ctx.spawn({.blocking = true}, waits_for_child); }
BANYAN_FUNCTION(above_a_blocked_one)

class P7_cancellation : public Kernel {
 protected:
  P7_cancellation() {
    acknowledged = false;
    started_late = leaves = caught = 0;
  }

  /// Nothing below a cancelled future is open, and the tree is over.
  void expect_all_ended(const future_handle& job) {
    ASSERT_TRUE(wait_until([&] { return rt().roots().front().settled; })) << job.to_json(9);
    expect_ended(job);
  }
  void expect_ended(const future_handle& f) {
    EXPECT_TRUE(is_final(f.status())) << f.to_json();
    for (const future_handle& child : f.children()) expect_ended(child);
  }
};
BANYAN_OVER_EACH_STORE(P7_cancellation);

TEST_P(P7_cancellation, of_a_whole_tree_reaches_every_descendant) {
  const auto job = rt().spawn(bush, 3);
  ASSERT_TRUE(wait_until([] { return leaves > 100; }));
  EXPECT_TRUE(job.cancel());
  EXPECT_EQ(job.status(), status::cancelled);
  EXPECT_THROW(job.get(), cancelled);
  expect_all_ended(job);
  rt().wait_idle();
}

TEST_P(P7_cancellation, of_a_subtree_leaves_the_rest_alone) {
  const auto job = rt().spawn(two_sleepers);
  ASSERT_TRUE(wait_until([] { return leaves == 2; }));
  const auto children = job.children();
  EXPECT_TRUE(children[0].cancel());
  ASSERT_TRUE(wait_until([] { return caught == 1; }));
  EXPECT_EQ(children[0].status(), status::cancelled);
  EXPECT_FALSE(job.ready());
  EXPECT_FALSE(children[1].ready());
  EXPECT_TRUE(rt().find<int>(children[1].key()).set_value(5));
  EXPECT_EQ(job.get(), 5);
}

TEST_P(P7_cancellation, of_a_finished_one_says_false) {
  const auto job = rt().spawn(bush, 0);
  EXPECT_EQ(job.get(), 1);
  EXPECT_FALSE(job.cancel());
  EXPECT_EQ(job.get(), 1);
}

TEST_P(P7_cancellation, twice_says_false) {
  const auto job = rt().spawn(sleeper);
  EXPECT_TRUE(job.cancel());
  EXPECT_FALSE(job.cancel());
}

TEST_P(P7_cancellation, reaches_promises) {
  const auto job = rt().spawn(waits_for_promise);
  rt().wait_idle();
  EXPECT_TRUE(job.cancel());
  expect_all_ended(job);
  EXPECT_FALSE(rt().find<int>(job.children()[0].key()).set_value(1));
}

TEST_P(P7_cancellation, of_a_promise_is_thrown_to_who_waits) {
  const auto job = rt().spawn(waits_for_promise);
  rt().wait_idle();
  EXPECT_TRUE(job.children()[0].cancel());
  EXPECT_THAT(message_of([&] { job.get(); }), HasSubstr("cancelled"));
}

TEST_P(P7_cancellation, reaches_children_that_wait_for_their_start) {
  const auto job = rt().spawn(later_child);
  ASSERT_TRUE(wait_until([&] { return job.children().size() == 1; }));
  EXPECT_TRUE(job.cancel());
  expect_all_ended(job);
  EXPECT_EQ(leaves, 0);
}

TEST_P(P7_cancellation, of_a_child_that_waits_for_its_start) {
  const auto job = rt().spawn(later_child);
  ASSERT_TRUE(wait_until([&] { return job.children().size() == 1; }));
  EXPECT_TRUE(job.children()[0].cancel());
  EXPECT_THROW(job.get(), failure);
  expect_all_ended(job);
  EXPECT_EQ(leaves, 0);
}

TEST_P(P7_cancellation, of_a_root_that_waits_for_its_start) {
  const auto job = rt().spawn({.start_after = 1h}, sleeper);
  EXPECT_TRUE(job.cancel());
  expect_all_ended(job);
  rt().wait_idle();
  EXPECT_EQ(leaves, 0);
}

TEST_P(P7_cancellation, reaches_children_that_are_queued) {
  options.threads = 1;
  const auto job = rt().spawn(spinner_and_queued);
  ASSERT_TRUE(wait_until([&] { return leaves > 0 && job.children().size() == 51; }));
  EXPECT_TRUE(job.cancel());
  acknowledged = true;
  expect_all_ended(job);
  EXPECT_EQ(started_late, 0);
  EXPECT_LT(leaves, 51);
}

TEST_P(P7_cancellation, of_a_queued_child) {
  options.threads = 1;
  const auto job = rt().spawn(spinner_and_queued);
  ASSERT_TRUE(wait_until([&] { return leaves > 0 && job.children().size() == 51; }));
  const auto last = job.children()[50];
  EXPECT_EQ(last.status(), status::pending);
  EXPECT_TRUE(last.cancel());
  EXPECT_EQ(last.status(), status::cancelled);
  EXPECT_FALSE(job.ready());
  EXPECT_TRUE(job.cancel());
  expect_all_ended(job);
}

TEST_P(P7_cancellation, ends_suspended_functions_and_loops_that_look) {
  const auto a = rt().spawn(sleeper);
  const auto b = rt().spawn(spinner);
  ASSERT_TRUE(wait_until([] { return leaves == 2; }));
  EXPECT_TRUE(a.cancel());
  EXPECT_TRUE(b.cancel());
  rt().wait_idle();
  for (const auto& root : rt().roots()) {
    EXPECT_EQ(root.status, status::cancelled);
    EXPECT_TRUE(root.settled);
  }
}

TEST_P(P7_cancellation, reaches_below_a_function_that_blocks) {
  const auto job = rt().spawn({.blocking = true}, waits_for_child);
  ASSERT_TRUE(wait_until([] { return leaves == 1; }));
  EXPECT_TRUE(job.cancel());
  expect_all_ended(job);
}

TEST_P(P7_cancellation, reaches_through_a_child_that_blocks) {
  const auto job = rt().spawn(above_a_blocked_one);
  ASSERT_TRUE(wait_until([] { return leaves == 1; }));
  EXPECT_TRUE(job.cancel());
  expect_all_ended(job);
}

TEST_P(P7_cancellation, lets_nothing_that_raced_with_it_escape) {
  std::mt19937_64 random(random_seed());
  for (int round = 0; round < 60; ++round) {
    acknowledged = false;
    started_late = leaves = 0;
    const auto job = rt().spawn(bush, 3);
    const int when = static_cast<int>(random() % 90);
    ASSERT_TRUE(wait_until([&] { return leaves >= when; }));
    std::vector<future_handle> targets{job};
    if (random() % 2 == 0) {
      const auto children = job.children();
      if (!children.empty()) targets.insert(targets.begin(), children[random() % children.size()]);
    }
    for (const auto& target : targets) target.cancel();
    acknowledged = true;
    rt().wait_idle();
    expect_ended(job);
    // A parent that saw its child cancelled has failed before it could be cancelled itself.
    EXPECT_TRUE(job.status() == status::cancelled || targets.size() > 1);
    EXPECT_EQ(started_late, 0) << "round " << round;
    rt().forget(job.key());
  }
}

class P7_cancellation_after_restart : public Restart {
 protected:
  P7_cancellation_after_restart() { acknowledged = false, started_late = leaves = caught = 0; }
};

TEST_F(P7_cancellation_after_restart, reaches_children_that_are_not_loaded) {
  const auto job = rt().spawn(bush, 2);
  ASSERT_TRUE(wait_until([] { return leaves == 25; }));
  const key k = job.key();
  stop();
  for (int round = 0; round < 10; ++round) {
    // As early as can be: some are loaded by now and some are not.
    if (round == 9) rt().find_handle(k).cancel();
    restart();
  }
  rt().wait_idle();
  ASSERT_TRUE(rt().roots().front().settled);
  std::vector<future_handle> open{rt().find_handle(k)};
  while (!open.empty()) {
    const auto f = open.back();
    open.pop_back();
    EXPECT_TRUE(is_final(f.status())) << f.to_json();
    for (const auto& child : f.children()) open.push_back(child);
  }
}

task<int> has_one_start_late(context& ctx) {
  ctx.spawn({.start_after = 1h}, bush, 0);
  co_return pending;
}
BANYAN_FUNCTION(has_one_start_late)

TEST_F(P7_cancellation_after_restart, waits_for_no_child_that_was_to_start_later) {
  const auto job = rt().spawn(has_one_start_late);
  ASSERT_TRUE(wait_until([&] { return !job.children().empty() && job.status() == status::waiting; }));
  const key k = job.key();
  stop();
  {
    const auto s = detail::open_store(url, detail::open_mode::drive, "a test");
    EXPECT_TRUE(detail::cancel_from_outside(*s, k, detail::now_ms()).won);
    s->close();
  }
  EXPECT_TRUE(wait_until([&] { return rt().roots().front().settled; }));
  EXPECT_EQ(rt().find_handle(k).children().front().status(), status::cancelled);
}

}  // namespace
}  // namespace banyan::test
