#include "persistence/outside.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/child_process.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

std::atomic<int> leaf_runs{0};
std::atomic<int> step_runs{0};
std::atomic<int> parent_runs{0};
std::atomic<int> behaviour{0};

int counted_leaf(int n) {
  ++leaf_runs;
  return n;
}
BANYAN_FUNCTION(counted_leaf)

int other_leaf(int n) { return n; }
BANYAN_FUNCTION(other_leaf)

/// A child, a step, then a wait for somebody outside.
task<int> three_parts(context& ctx) {
  ++parent_runs;
  const auto child = ctx.spawn(counted_leaf, 1);
  const int a = co_await child;
  const int b = co_await ctx.run("count", [] { return 10 + 0 * ++step_runs; });
  const std::uint64_t drawn = ctx.random();
  if (ctx.restore<std::uint64_t>().value_or(drawn) != drawn) co_return -1;
  ctx.checkpoint(drawn);
  const int c = co_await ctx.promise<int>("approval");
  co_return a + b + c;
}
BANYAN_FUNCTION(three_parts)

class RestartOfThreeParts : public Restart {
 protected:
  RestartOfThreeParts() { leaf_runs = step_runs = parent_runs = 0; }
  future<int> begin() {
    const future<int> job = rt().spawn({.id = "job"}, three_parts);
    rt().wait_idle();
    return job;
  }
  void approve(const future<int>& job, int value) {
    const auto children = job.children();
    ASSERT_EQ(children.size(), 2u);
    ASSERT_TRUE(rt().find<int>(children[1].key()).set_value(value));
  }
};
using P4_replay = RestartOfThreeParts;

TEST_F(P4_replay, runs_no_completed_child_and_no_completed_step_again) {
  const key k = begin().key();
  restart();
  rt().wait_idle();
  const auto job = rt().find<int>(k);
  approve(job, 100);
  EXPECT_EQ(job.get(), 111);
  EXPECT_EQ(leaf_runs, 1);
  EXPECT_EQ(step_runs, 1);
  EXPECT_EQ(parent_runs, 2);
}

TEST_F(P4_replay, runs_nothing_of_a_finished_job_again) {
  const future<int> job = begin();
  approve(job, 100);
  EXPECT_EQ(job.get(), 111);
  restart();
  EXPECT_EQ(rt().spawn({.id = "job"}, three_parts).get(), 111);
  EXPECT_EQ(parent_runs, 1);
}

TEST_F(P4_replay, takes_a_result_that_was_set_while_nothing_ran) {
  const future<int> job = begin();
  const key promise = job.children()[1].key();
  stop();
  {
    const auto store = detail::open_store(url, detail::open_mode::outside, "a test");
    detail::set_result_from_outside(*store, promise, *detail::make_success(detail::encode(5)), 9000);
  }
  EXPECT_EQ(rt().spawn({.id = "job"}, three_parts).get(), 16);
}

/// Asks for something else at number 0, or for less, as `behaviour` says; then waits for somebody outside.
task<int> shifty(context& ctx) {
  switch (behaviour.load()) {
    case 0: co_await ctx.spawn(counted_leaf, 1); break;
    case 1: co_await ctx.spawn(other_leaf, 1); break;
    case 2: co_await ctx.spawn(counted_leaf, 2); break;
    case 3: ctx.now(); break;
    case 4: co_await ctx.promise<int>("counted_leaf"); break;
    case 5: co_await ctx.run("counted_leaf", [] {}); break;
    default: co_return 0;
  }
  co_return co_await ctx.promise<int>("approval");
}
BANYAN_FUNCTION(shifty)

struct change {
  int to;
  const char* asked;
};
class P5_nondeterminism : public testing::WithParamInterface<change>, public Restart {};

TEST_P(P5_nondeterminism, stops_names_both_sides_and_goes_on_when_the_code_is_mended) {
  behaviour = 0;
  const key k = rt().spawn(shifty).key();
  rt().wait_idle();
  stop();
  behaviour = GetParam().to;
  auto job = rt().find<int>(k);
  std::string message;
  EXPECT_EQ(code_of([&] { message = message_of([&] { job.get(); }), job.get(); }), errc::nondeterminism);
  EXPECT_THAT(message, HasSubstr("call of counted_leaf"));
  EXPECT_THAT(message, HasSubstr(GetParam().asked));
  EXPECT_TRUE(log.contains("nondeterminism"));
  EXPECT_THAT(job.to_json(), HasSubstr("nondeterminism"));
  EXPECT_FALSE(job.ready());
  const auto bystander = rt().spawn(other_leaf, 7);
  EXPECT_EQ(bystander.get(), 7);
  stop();
  behaviour = 0;
  job = rt().find<int>(k);
  rt().wait_idle();
  ASSERT_EQ(job.children().size(), 2u);
  rt().find<int>(job.children()[1].key()).set_value(3);
  EXPECT_EQ(job.get(), 3);
}
INSTANTIATE_TEST_SUITE_P(Changes, P5_nondeterminism,
                         testing::Values(change{1, "call of other_leaf"}, change{2, "with other arguments"},
                                         change{3, "step now"}, change{4, "promise 'counted_leaf'"},
                                         change{5, "step run 'counted_leaf'"}, change{6, "ended without asking"}));

task<int> over_shifty(context& ctx) {
  const int n = co_await ctx.spawn(shifty);
  co_return n + co_await ctx.promise<int>("approval");
}
BANYAN_FUNCTION(over_shifty)

TEST_F(P5_nondeterminism, holds_nobody_back_once_it_was_given_a_result) {
  behaviour = 0;
  const key k = rt().spawn(over_shifty).key();
  rt().wait_idle();
  stop();
  behaviour = 1;
  const auto job = rt().find<int>(k);
  EXPECT_EQ(code_of([&] { job.get(); }), errc::nondeterminism);
  EXPECT_TRUE(rt().find<int>(job.children().front().key()).set_value(3));
  rt().wait_idle();
  EXPECT_FALSE(job.wait_for(1ms));
  EXPECT_TRUE(rt().find<int>(job.children().back().key()).set_value(4));
  EXPECT_EQ(job.get(), 7);
}

TEST_F(P5_nondeterminism, can_be_cancelled) {
  behaviour = 0;
  const key k = rt().spawn(shifty).key();
  rt().wait_idle();
  stop();
  behaviour = 1;
  const auto job = rt().find<int>(k);
  EXPECT_EQ(code_of([&] { job.get(); }), errc::nondeterminism);
  EXPECT_TRUE(job.cancel());
  rt().wait_idle();
  EXPECT_EQ(job.status(), status::cancelled);
  EXPECT_TRUE(rt().roots().front().settled);
}

/// Called by the function below when it is about to succeed.
std::function<void()> before_success;

task<int> succeeds_with_a_child(context& ctx) {
  co_await ctx.spawn(counted_leaf, 1);
  before_success();
  co_return 1;
}
BANYAN_FUNCTION(succeeds_with_a_child)

class ResultsFromOutside : public Restart {};

TEST_F(ResultsFromOutside, decide_what_is_kept) {
  const key k = runtime::key_of("job");
  before_success = [&] {
    const auto store = detail::open_store(url, detail::open_mode::outside, "a test");
    detail::set_result_from_outside(*store, k, *detail::make_failure({errc::failed, "they were first", {}, {}}), 9000);
  };
  const auto job = rt().spawn({.id = "job", .keep = keep::failed}, succeeds_with_a_child);
  EXPECT_EQ(message_of([&] { job.get(); }), "they were first");
  rt().wait_idle();
  EXPECT_EQ(job.children().size(), 1u);
}

}  // namespace
}  // namespace banyan::test
