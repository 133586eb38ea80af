#include <thread>

#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "tests/kernel/kernel_fixture.hpp"

MSGPACK_ADD_ENUM(banyan::on_parent_done)
#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

std::atomic<int> runs{0};
std::atomic<int> ended{0};

int quick(int n) {
  ++runs;
  return n;
}
BANYAN_FUNCTION(quick)

int fails_quickly() { throw std::runtime_error("no"); }
BANYAN_FUNCTION(fails_quickly)

task<int> sleeps(context& ctx, int ms) {
  ++runs;
  co_await ctx.sleep(std::chrono::milliseconds(ms));
  ++ended;
  co_return ms;
}
BANYAN_FUNCTION(sleeps)

int loops(context& ctx) {
  ++runs;
  while (!ctx.cancelled()) std::this_thread::yield();
  ctx.check_cancelled();
  return 0;
}
BANYAN_FUNCTION(loops)

task<int> timed_child(context& ctx, bool queued) {
  std::vector<future<int>> before;
  for (int i = 0; queued && i < 64; ++i) before.push_back(ctx.spawn({.timeout = 60ms}, loops));
  const auto child = ctx.spawn({.timeout = 50ms}, sleeps, 3'600'000);
  try {
    co_await child;
  } catch (const timeout& e) {
    co_return e.origin() == child.key() ? 1 : 2;
  }
  co_return 0;
}
BANYAN_FUNCTION(timed_child)

task<int> succeeds_before_its_children(context& ctx, on_parent_done policy) {
  ctx.spawn({.on_parent_done = policy}, sleeps, 200);
  ctx.spawn({.on_parent_done = policy}, quick, 1);
  co_return 1;
}
BANYAN_FUNCTION(succeeds_before_its_children)

task<int> fails_before_its_children(context& ctx, on_parent_done policy) {
  ctx.spawn({.on_parent_done = policy}, sleeps, 100);
  co_await ctx.sleep(1ms);
  throw std::runtime_error("failed");
}
BANYAN_FUNCTION(fails_before_its_children)

std::atomic<int> failures_left{0};

int checkpoints(context& ctx, int upto) {
  int i = ctx.restore<int>().value_or(0);
  for (; i < upto; ++i) {
    ++runs;
    ctx.checkpoint(i + 1);
    if (failures_left > 0 && --failures_left == 0) throw std::runtime_error("in the middle");
  }
  return i;
}
BANYAN_FUNCTION(checkpoints)

int checkpoints_and_stops(context& ctx) {
  int i = ctx.restore<int>().value_or(0);
  ctx.checkpoint(i + 1);
  ++runs;
  while (i == 0) ctx.check_cancelled();
  return i;
}
BANYAN_FUNCTION(checkpoints_and_stops)

task<int> parent_of_passing(context& ctx) {
  const int a = co_await ctx.spawn({.durable = false}, quick, 1);
  const int b = co_await ctx.spawn({.durable = false}, sleeps, 1);
  co_return a + b + co_await ctx.promise<int>("approval");
}
BANYAN_FUNCTION(parent_of_passing)

task<int> tree_with_a_failure(context& ctx) {
  const auto good = ctx.spawn(succeeds_before_its_children, on_parent_done::follow);
  const auto bad = ctx.spawn(fails_before_its_children, on_parent_done::follow);
  const int n = co_await good;
  try {
    co_await bad;
  } catch (const failure&) {
  }
  co_return n;
}
BANYAN_FUNCTION(tree_with_a_failure)

task<int> keeps_below_a_child(context& ctx) {
  co_return co_await ctx.spawn({.keep = keep::all}, succeeds_before_its_children, on_parent_done::follow);
}
BANYAN_FUNCTION(keeps_below_a_child)

task<int> keeps_below_a_grandchild(context& ctx) { co_return co_await ctx.spawn(keeps_below_a_child); }
BANYAN_FUNCTION(keeps_below_a_grandchild)

task<int> waits_for_somebody(context& ctx) { co_return co_await ctx.promise<int>("answer"); }
BANYAN_FUNCTION(waits_for_somebody)

class Options : public Kernel {
 protected:
  Options() { runs = ended = failures_left = 0; }

  /// Records of futures and steps below one, attempt 1.
  std::size_t records_below(const key& k) {
    rt().engine()->data().journal_of(true).flush();
    auto& store = rt().engine()->data().backend();
    std::size_t n = 0;
    for (const auto& r : scan_all(store, detail::child_family(k, 1))) {
      n += 1 + records_below({detail::child_family(k, 1), r.index});
    }
    return n;
  }
  std::size_t keys_with_records(const std::vector<key>& keys) {
    std::size_t n = 0;
    for (const key& k : keys) n += records_below(k) > 0;
    return n;
  }
};
BANYAN_OVER_EACH_STORE(Options);

TEST_P(Options, timeout_ends_a_suspended_function) {
  const auto job = rt().spawn({.timeout = 30ms}, sleeps, 3'600'000);
  EXPECT_THROW(job.get(), timeout);
  EXPECT_EQ(job.status(), status::failure);
  EXPECT_THAT(message_of([&] { job.get(); }), HasSubstr("30 ms"));
}

TEST_P(Options, timeout_ends_a_loop_that_looks) { EXPECT_THROW(rt().spawn({.timeout = 30ms}, loops).get(), timeout); }

TEST_P(Options, timeout_ends_a_child_and_is_caught_by_its_parent) {
  EXPECT_EQ(rt().spawn(timed_child, false).get(), 1);
}

TEST_P(Options, timeout_ends_a_child_that_is_queued) {
  options.threads = 1;
  EXPECT_EQ(rt().spawn(timed_child, true).get(), 1);
}

TEST_P(Options, timeout_counts_over_all_attempts) {
  const auto job =
      rt().spawn({.retry = {.max_attempts = 1000, .first_delay = 10ms, .factor = 1}, .timeout = 100ms}, fails_quickly);
  EXPECT_THROW(job.get(), timeout);
}

TEST_P(Options, timeout_that_passes_after_the_result_touches_nothing) {
  const auto job = rt().spawn({.timeout = 100ms}, succeeds_before_its_children, on_parent_done::follow);
  EXPECT_EQ(job.get(), 1);
  rt().wait_idle();
  EXPECT_EQ(ended, 1) << "a child that was to go on ended with its parent's deadline";
}

TEST_P(Options, start_after_and_start_at_hold_the_start_back) {
  const auto before = std::chrono::system_clock::now();
  const auto a = rt().spawn({.start_after = 60ms}, quick, 1);
  const auto b = rt().spawn({.start_at = before + 60ms}, quick, 1);
  EXPECT_EQ(a.status(), status::pending);
  EXPECT_EQ(a.get() + b.get(), 2);
  EXPECT_GE(std::chrono::system_clock::now() - before, 59ms);
}

TEST_P(Options, children_follow_a_success) {
  const auto job = rt().spawn(succeeds_before_its_children, on_parent_done::follow);
  EXPECT_EQ(job.get(), 1);
  EXPECT_FALSE(rt().roots().front().settled);
  rt().wait_idle();
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(rt().roots().front().settled);
}

TEST_P(Options, children_end_with_a_success_where_they_said_so) {
  const auto job = rt().spawn(succeeds_before_its_children, on_parent_done::cancel);
  EXPECT_EQ(job.get(), 1);
  rt().wait_idle();
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(job.children()[0].status(), status::cancelled);
}

TEST_P(Options, children_end_with_a_failure_unless_detached) {
  for (const auto policy : {on_parent_done::follow, on_parent_done::cancel, on_parent_done::detach}) {
    ended = 0;
    const auto job = rt().spawn(fails_before_its_children, policy);
    EXPECT_THROW(job.get(), failure);
    rt().wait_idle();
    EXPECT_EQ(ended, policy == on_parent_done::detach ? 1 : 0);
    EXPECT_TRUE(is_final(job.children()[0].status()));
  }
}

TEST_P(Options, detached_children_survive_a_cancellation) {
  const auto job = rt().spawn(succeeds_before_its_children, on_parent_done::detach);
  ASSERT_TRUE(wait_until([] { return runs == 2; }));
  job.cancel();
  rt().wait_idle();
  EXPECT_EQ(ended, 1);
}

TEST_P(Options, a_checkpoint_is_there_for_the_next_attempt) {
  failures_left = 4;
  EXPECT_EQ(rt().spawn({.retry = {.max_attempts = 2, .first_delay = 0ms}}, checkpoints, 10).get(), 10);
  EXPECT_EQ(runs, 10);
}

TEST_P(Options, keep_none_leaves_no_record_below) {
  const auto job = rt().spawn({.keep = keep::none}, tree_with_a_failure);
  EXPECT_EQ(job.get(), 1);
  rt().wait_idle();
  EXPECT_EQ(records_below(job.key()), 0u);
  EXPECT_EQ(rt().find<int>(job.key()).get(), 1);
}

TEST_P(Options, keep_none_reaches_what_a_child_wanted_to_keep) {
  for (const keep above : {keep::none, keep::failed}) {
    const auto job = rt().spawn({.keep = above}, keeps_below_a_child);
    const key child{detail::child_family(job.key(), 1), 0};
    EXPECT_EQ(job.get(), 1);
    rt().wait_idle();
    EXPECT_EQ(keys_with_records({job.key(), child}), 0u);
  }
}

TEST_P(Options, keep_none_reaches_what_a_grandchild_wanted_to_keep) {
  const auto job = rt().spawn({.keep = keep::none}, keeps_below_a_grandchild);
  const key child{detail::child_family(job.key(), 1), 0};
  const key grandchild{detail::child_family(child, 1), 0};
  EXPECT_EQ(job.get(), 1);
  rt().wait_idle();
  EXPECT_EQ(keys_with_records({job.key(), child, grandchild}), 0u);
}

TEST_P(Options, keep_failed_leaves_nothing_below_what_succeeded) {
  const auto job = rt().spawn({.keep = keep::failed}, tree_with_a_failure);
  const auto family = detail::child_family(job.key(), 1);
  EXPECT_EQ(job.get(), 1);
  rt().wait_idle();
  EXPECT_EQ(keys_with_records({job.key(), {family, 0}, {family, 1}}), 0u);
}

TEST_P(Options, keep_failed_leaves_what_is_below_a_failure) {
  const auto job = rt().spawn({.keep = keep::failed}, fails_before_its_children, on_parent_done::follow);
  EXPECT_THROW(job.get(), failure);
  rt().wait_idle();
  EXPECT_GT(records_below(job.key()), 0u);
}

TEST_P(Options, keep_all_leaves_all) {
  const auto job = rt().spawn(tree_with_a_failure);
  EXPECT_EQ(job.get(), 1);
  rt().wait_idle();
  EXPECT_EQ(records_below(job.key()), 8u);
  rt().forget(job.key());
  EXPECT_EQ(records_below(job.key()), 0u);
}

TEST_P(Options, a_future_that_is_not_durable_leaves_nothing_in_the_store) {
  const auto job = rt().spawn({.durable = false}, tree_with_a_failure);
  EXPECT_EQ(job.get(), 1);
  EXPECT_EQ(rt().find<int>(job.key()).get(), 1);
  rt().wait_idle();
  EXPECT_TRUE(rt().roots().empty());
  EXPECT_FALSE(rt().engine()->data().backend().load(job.key()));
}

TEST_P(Options, a_root_that_is_not_durable_is_forgotten_like_others) {
  auto& data = rt().engine()->data();
  const auto first = rt().spawn({.durable = false}, quick, 1);
  const auto second = rt().spawn({.durable = false}, quick, 2);
  EXPECT_EQ(first.get() + second.get(), 3);
  rt().wait_idle();
  rt().forget(first.key());
  EXPECT_EQ(code_of([&] { first.get(); }), errc::not_found);
  EXPECT_EQ(second.get(), 2);
  EXPECT_EQ(rt().collect_garbage(0s), 1u);
  for (const auto& job : {first, second}) EXPECT_FALSE(data.find(job.key()));
}

TEST_P(Options, a_tree_is_kept_as_long_as_its_root_says) {
  rt().spawn({.retention = 0s}, quick, 1);
  const auto kept = rt().spawn(quick, 2);
  const auto open = rt().spawn({.retention = 0s}, waits_for_somebody);
  rt().wait_idle();
  EXPECT_TRUE(wait_until([&] {
    rt().collect_garbage();
    return rt().roots().size() == 2;
  }));
  EXPECT_EQ(rt().find<int>(kept.key()).get(), 2);
  EXPECT_FALSE(rt().find<int>(open.key()).ready());
}

TEST_P(Options, what_is_not_durable_goes_with_its_parent) {
  auto& data = rt().engine()->data();
  const auto job = rt().spawn(parent_of_passing);
  rt().wait_idle();
  const auto children = job.children();
  EXPECT_TRUE(data.store_of(false).load(children.front().key()));
  rt().find<int>(children.back().key()).set_value(4);
  EXPECT_EQ(job.get(), 6);
  rt().wait_idle();
  EXPECT_FALSE(data.find(children.front().key()));
  EXPECT_EQ(job.children().size(), 1u);
}

class OptionsAfterRestart : public Restart {
 protected:
  OptionsAfterRestart() { runs = ended = failures_left = 0; }
};

TEST_F(OptionsAfterRestart, a_checkpoint_is_there) {
  const key k = rt().spawn(checkpoints_and_stops).key();
  ASSERT_TRUE(wait_until([] { return runs == 1; }));
  stop();
  EXPECT_EQ(rt().find<int>(k).get(), 1);
  EXPECT_EQ(runs, 2);
}

TEST_F(OptionsAfterRestart, what_is_not_durable_runs_again) {
  const key k = rt().spawn(parent_of_passing).key();
  rt().wait_idle();
  EXPECT_EQ(runs, 2);
  restart();
  rt().wait_idle();
  EXPECT_EQ(runs, 4);
  const auto job = rt().find<int>(k);
  rt().find<int>(job.children().back().key()).set_value(10);
  EXPECT_EQ(job.get(), 12);
}

TEST_F(OptionsAfterRestart, timers_hold) {
  const auto before = std::chrono::steady_clock::now();
  const key a = rt().spawn(sleeps, 300).key();
  const key b = rt().spawn({.start_after = 300ms}, quick, 1).key();
  const key c = rt().spawn({.timeout = 300ms}, sleeps, 3'600'000).key();
  restart();
  EXPECT_EQ(rt().find<int>(a).get(), 300);
  EXPECT_EQ(rt().find<int>(b).get(), 1);
  EXPECT_THROW(rt().find<int>(c).get(), timeout);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 290ms);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 10s);
}

}  // namespace
}  // namespace banyan::test
