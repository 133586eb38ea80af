#include <set>
#include <thread>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

std::atomic<int> inside{0};
std::atomic<int> overlaps{0};
std::atomic<int> runs{0};
std::mutex numbers_mutex;
std::vector<std::uint64_t> numbers;

task<int> adds_in_turn(context& ctx, int a, int b) {
  if (++inside > 1) ++overlaps;
  {
    const std::lock_guard lock(numbers_mutex);
    numbers.push_back(ctx.fencing_number());
  }
  co_await ctx.sleep(1ms);
  --inside;
  ++runs;
  co_return a + b;
}
BANYAN_FUNCTION(adds_in_turn)

int counts_runs(int n) {
  ++runs;
  return 10 * n;
}
BANYAN_FUNCTION(counts_runs)

int counts_others(std::string s) {
  ++runs;
  return static_cast<int>(s.size());
}
BANYAN_FUNCTION(counts_others)

int fails_in_turn() { throw permanent_failure("in the section"); }
BANYAN_FUNCTION(fails_in_turn)

/// Fails twice, unless it does for ever.
int fails_twice_in_turn(context& ctx, bool for_ever) {
  {
    const std::lock_guard lock(numbers_mutex);
    numbers.push_back(ctx.fencing_number());
  }
  ++runs;
  if (for_ever || ctx.attempt() < 3) throw std::runtime_error("try again");
  return static_cast<int>(ctx.attempt());
}
BANYAN_FUNCTION(fails_twice_in_turn)

int gives_seven() { return 7; }
BANYAN_FUNCTION(gives_seven)

int gets_in_turn(context& ctx) { return ctx.spawn(gives_seven).get(); }
BANYAN_FUNCTION(gets_in_turn)

/// Fails in the first runs, of whatever future.
int fails_in_two_runs(context& ctx, int n) {
  const int run = ++runs;
  if (run < 3) throw std::runtime_error("try again");
  return 100 * n + static_cast<int>(ctx.attempt());
}
BANYAN_FUNCTION(fails_in_two_runs)

task<int> enters_twice(context& ctx) {
  const auto again = critical_section("twice", bind(adds_in_turn, 1, 2));
  const auto below = ctx.spawn(again);
  co_return co_await below;
}
BANYAN_FUNCTION(enters_twice)

std::uint64_t asks_for_number(context& ctx) { return ctx.fencing_number(); }
BANYAN_FUNCTION(asks_for_number)

task<int> debounces_many(context& ctx, int count) {
  const auto quiet = debounce(counts_runs, {.first = 300ms, .repeat = 1h});
  std::vector<future<int>> all;
  for (int i = 0; i < count; ++i) all.push_back(ctx.spawn(quiet, 4));
  int sum = 0;
  for (const auto& f : all) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(debounces_many)

class CallsInTurn : public Kernel {
 protected:
  CallsInTurn() {
    options.threads = 4;
    inside = overlaps = runs = 0;
    const std::lock_guard lock(numbers_mutex);
    numbers.clear();
  }
};

TEST_P(CallsInTurn, a_critical_section_runs_one_at_a_time) {
  const auto careful = critical_section("ledger", adds_in_turn);
  std::vector<future<int>> all;
  for (int i = 0; i < 30; ++i) all.push_back(rt().spawn(careful, i, 1));
  int sum = 0;
  for (const int n : rt().gather(all)) sum += n;
  EXPECT_EQ(sum, 30 * 29 / 2 + 30);
  EXPECT_EQ(overlaps, 0);
  EXPECT_TRUE(std::ranges::is_sorted(numbers));
  EXPECT_EQ(std::set<std::uint64_t>(numbers.begin(), numbers.end()).size(), 30u) << "each turn has a number";
}

TEST_P(CallsInTurn, fencing_numbers_grow_over_restarts) {
  const auto ask = critical_section("asked", asks_for_number);
  const auto before = rt().spawn(ask).get();
  if (GetParam() != "memory") restart();
  EXPECT_GT(rt().spawn(ask).get(), before);
  EXPECT_EQ(code_of([&] { rt().spawn(asks_for_number).get(); }), errc::invalid_argument) << "without a place";
}

TEST_P(CallsInTurn, a_section_is_free_after_a_failure) {
  const auto bad = critical_section("shared", fails_in_turn);
  EXPECT_THAT(message_of([&] { rt().spawn(bad).get(); }), HasSubstr("in the section"));
  EXPECT_EQ(rt().spawn(critical_section("shared", bind(adds_in_turn, 1)), 2).get(), 3);
}

TEST_P(CallsInTurn, what_is_in_a_section_is_tried_again_in_the_same_turn) {
  const retry_policy often{.max_attempts = 5, .first_delay = 20ms, .factor = 1};
  const auto careful = critical_section("shaky", fails_twice_in_turn);
  const auto first = rt().spawn({.retry = often}, careful, false);
  ASSERT_TRUE(wait_until([] { return runs >= 1; }));
  const auto other = rt().spawn(critical_section("shaky", bind(adds_in_turn, 1)), 2);
  EXPECT_EQ(first.get(), 3) << "the attempt that succeeded";
  EXPECT_EQ(other.get(), 3);
  const std::lock_guard lock(numbers_mutex);
  ASSERT_EQ(numbers.size(), 4u);
  EXPECT_EQ(numbers[0], numbers[1]);
  EXPECT_EQ(numbers[1], numbers[2]) << "it keeps its place between two attempts";
  EXPECT_GT(numbers[3], numbers[2]);
}

TEST_P(CallsInTurn, what_fails_in_a_section_is_not_tried_again_around_it) {
  const retry_policy thrice{.max_attempts = 3, .first_delay = 1ms, .child_failures = true};
  const auto bad = critical_section("shaky", fails_twice_in_turn);
  EXPECT_THAT(message_of([&] { rt().spawn({.retry = thrice}, bad, true).get(); }), HasSubstr("try again"));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(rt().spawn(critical_section("shaky", bind(adds_in_turn, 1)), 2).get(), 3) << "and is free then";
}

TEST_P(CallsInTurn, who_is_cancelled_between_two_attempts_leaves_the_section) {
  const retry_policy seldom{.max_attempts = 3, .first_delay = 1h, .max_delay = 1h};
  const auto waits = rt().spawn({.retry = seldom}, critical_section("shaky", fails_twice_in_turn), true);
  ASSERT_TRUE(wait_until([] { return runs == 1; }));
  EXPECT_TRUE(waits.cancel());
  EXPECT_EQ(rt().spawn(critical_section("shaky", bind(adds_in_turn, 1)), 2).get_for(20s), 3);
}

TEST_P(CallsInTurn, what_may_block_may_block_in_turn) {
  EXPECT_EQ(rt().spawn({.blocking = true}, critical_section("blocks", gets_in_turn)).get(), 7);
  EXPECT_EQ(code_of([&] { rt().spawn(critical_section("blocks", gets_in_turn)).get(); }), errc::would_block);
  EXPECT_EQ(rt().spawn({.blocking = true}, debounce(gets_in_turn, {.first = 1ms})).get(), 7);
}

TEST_P(CallsInTurn, a_debounced_run_is_tried_again_as_the_call_that_begins_it_says) {
  const retry_policy often{.max_attempts = 5, .first_delay = 1ms};
  const auto quiet = debounce(fails_in_two_runs, {.first = 1ms, .repeat = 1h});
  EXPECT_EQ(rt().spawn({.retry = often}, quiet, 2).get(), 203) << "one run, at its third attempt";
}

TEST_P(CallsInTurn, an_attempt_joins_another_run_than_the_one_that_failed) {
  const retry_policy often{.max_attempts = 2, .first_delay = 1ms, .child_failures = true};
  const auto quiet = debounce(fails_in_two_runs, {.first = 1ms, .repeat = 1ms});
  EXPECT_EQ(rt().spawn({.retry = often}, quiet, 2).get(), 201) << "the run of the second attempt succeeds at its first";
  EXPECT_EQ(runs, 3);
  runs = 0;
  const auto once = rt().spawn(quiet, 2);
  EXPECT_THAT(message_of([&] { once.get(); }), HasSubstr("try again"));
  const auto settles = [&] { return code_of([&] { once.retry(); }) == std::nullopt; };
  runs = 2;
  ASSERT_TRUE(wait_until(settles));
  EXPECT_TRUE(wait_until([] { return runs == 3; })) << "a root that is run again does, too";
}

TEST_P(CallsInTurn, times_that_are_too_large_are_as_long_as_there_are) {
  using std::chrono::milliseconds;
  rt().spawn(debounce(counts_runs, {.first = milliseconds::max()}), 1);
  ASSERT_TRUE(wait_until([&] { return rt().roots().size() == 2; })) << "the run waits for its time";
  const auto once = debounce(counts_runs, {.repeat = milliseconds::max()});
  EXPECT_EQ(rt().spawn(once, 2).get(), 20);
  for (int i = 0; i < 2; ++i) rt().spawn(once, 2);
  ASSERT_TRUE(wait_until([&] { return rt().roots({.function = "counts_runs"}).size() == 3; }));
  for (const root_info& r : rt().roots({.function = "counts_runs"})) {
    EXPECT_TRUE(r.status == status::success || r.status == status::pending);
  }
  EXPECT_EQ(runs, 1);
}

TEST_P(CallsInTurn, who_is_in_a_section_cannot_wait_for_it) {
  EXPECT_THAT(message_of([&] { rt().spawn(critical_section("twice", enters_twice)).get(); }), HasSubstr("'twice'"));
  EXPECT_EQ(rt().spawn(critical_section("another", enters_twice)).get(), 3) << "it is another one";
}

TEST_P(CallsInTurn, are_values_that_are_equal_by_content) {
  EXPECT_EQ(critical_section("a", adds_in_turn), critical_section("a", adds_in_turn));
  EXPECT_NE(critical_section("a", adds_in_turn), critical_section("b", adds_in_turn));
  EXPECT_EQ(debounce(counts_runs, {.first = 1ms}).stable_id(), debounce(counts_runs, {.first = 1ms}).stable_id());
  EXPECT_NE(debounce(counts_runs, {.first = 1ms}), debounce(counts_runs, {.first = 2ms}));
}

TEST_P(CallsInTurn, equal_calls_before_a_run_share_it) {
  EXPECT_EQ(rt().spawn(debounces_many, 20).get(), 20 * 40);
  EXPECT_EQ(runs, 1);
  const auto quiet = debounce(counts_runs, {.first = 300ms, .repeat = 1h});
  rt().spawn({.start_after = 0ms}, quiet, 4);
  EXPECT_EQ(rt().spawn(quiet, 5).get(), 50) << "other arguments are another call";
  EXPECT_EQ(runs, 2) << "equal calls wait for an hour after a run";
}

TEST_P(CallsInTurn, a_call_after_a_run_gets_the_next_one_when_its_time_has_come) {
  const auto quiet = debounce(counts_runs, {.first = 0ms, .repeat = 300ms});
  EXPECT_EQ(rt().spawn(quiet, 1).get(), 10);
  const auto begun = std::chrono::steady_clock::now();
  std::vector<future<int>> all;
  for (int i = 0; i < 10; ++i) all.push_back(rt().spawn(quiet, 1));
  rt().gather(all);
  EXPECT_EQ(runs, 2);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 100ms);
}

TEST_P(CallsInTurn, calls_of_one_name_share_the_run_of_the_first) {
  const debounce_options named{.first = 300ms, .repeat = 1h, .name = "all of it"};
  const auto a = rt().spawn(debounce(counts_runs, named), 1);
  ASSERT_TRUE(wait_until([&] { return rt().roots().size() == 2; })) << "the call, and the run that it has begun";
  const auto b = rt().spawn(debounce(counts_others, named), "four");
  EXPECT_EQ(a.get(), 10);
  EXPECT_EQ(b.get(), 10);
  EXPECT_EQ(runs, 1);
}

TEST_P(CallsInTurn, a_callers_cancellation_leaves_the_run_to_the_others) {
  const auto quiet = debounce(counts_runs, {.first = 300ms, .repeat = 1h});
  const auto a = rt().spawn(quiet, 1);
  const auto b = rt().spawn(quiet, 1);
  EXPECT_TRUE(a.cancel());
  EXPECT_EQ(b.get(), 10);
  EXPECT_EQ(runs, 1);
}

TEST_P(CallsInTurn, bad_times_are_refused_at_the_call) {
  EXPECT_EQ(code_of([] { debounce(counts_runs, {.first = -1ms}); }), errc::invalid_argument);
  EXPECT_EQ(code_of([] { debounce(counts_runs, {.first = 0ms, .repeat = 0ms}); }), errc::invalid_argument);
}

TEST_P(CallsInTurn, an_agreed_run_holds_over_a_restart) {
  if (GetParam() == "memory") GTEST_SKIP() << "a store that outlives the runtime";
  const auto quiet = debounce(counts_runs, {.first = 1500ms, .repeat = 1h});
  const auto a = rt().spawn(quiet, 1).key();
  ASSERT_TRUE(wait_until([&] { return rt().roots().size() == 2; }));
  restart();
  const auto b = rt().spawn(quiet, 1);
  EXPECT_EQ(b.get(), 10);
  EXPECT_EQ(rt().find<int>(a).get(), 10);
  EXPECT_EQ(runs, 1);
}

BANYAN_OVER_EACH_STORE(CallsInTurn);

}  // namespace
}  // namespace banyan::test
