#include <map>
#include <thread>

#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

int add(int a, int b) { return a + b; }
BANYAN_FUNCTION(add)

std::string whoami(context& ctx, const std::string& greeting) {
  return greeting + " " + ctx.key().str() + " " + std::to_string(ctx.attempt()) + (ctx.parent() ? " child" : " root");
}
BANYAN_FUNCTION(whoami)

task<std::vector<int>> returns_braces(context&) { co_return {}; }
BANYAN_FUNCTION(returns_braces)

std::atomic<int> effects{0};
void effect() { ++effects; }
BANYAN_FUNCTION(effect)

task<long> fib(context& ctx, int n) {
  if (n < 2) co_return n;
  const auto a = ctx.spawn(fib, n - 1);
  const auto b = ctx.spawn(fib, n - 2);
  const long left = co_await a;
  co_return left + co_await b;
}
BANYAN_FUNCTION(fib)

task<int> no_context(int n) { co_return n * 2; }
BANYAN_FUNCTION(no_context)

task<int> helper(context& ctx, int n) {
  if (n == 0) co_return 0;
  const int below = co_await helper(ctx, n - 1);
  co_return below + co_await ctx.spawn(add, n, 0);
}
task<int> with_helpers(context& ctx, int n) { co_return co_await helper(ctx, n); }
BANYAN_FUNCTION(with_helpers)

using table = std::map<std::string, std::vector<int>>;
table rich(table in, std::optional<double> d, std::vector<std::string> s) {
  in["sizes"] = {static_cast<int>(s.size()), d ? 1 : 0};
  return in;
}
BANYAN_FUNCTION(rich)

/// Ends while what is below it goes on.
int leaves_a_child(context& ctx, int depth) {
  if (depth > 0) ctx.spawn(leaves_a_child, depth - 1);
  return depth;
}
BANYAN_FUNCTION(leaves_a_child)

task<std::vector<int>> gathers(context& ctx) {
  std::vector<future<int>> fs;
  for (int i = 0; i < 5; ++i) fs.push_back(ctx.spawn(add, i, 10));
  auto values = co_await all(fs);
  const auto [text, n] = co_await all(ctx.spawn(whoami, "x"), ctx.spawn(add, 1, 1));
  values.push_back(n + static_cast<int>(text.empty()));
  std::vector<future<void>> both{ctx.spawn(effect), ctx.spawn(effect)};
  co_await all(both);
  co_return values;
}
BANYAN_FUNCTION(gathers)

int slow(context& ctx) {
  while (!ctx.cancelled()) std::this_thread::yield();
  ctx.check_cancelled();
  return 0;
}
BANYAN_FUNCTION(slow)

task<int> sleeps_long(context& ctx) {
  co_await ctx.sleep(1h);
  co_return 0;
}
BANYAN_FUNCTION(sleeps_long)

task<int> races(context& ctx) {
  std::vector<future<int>> fs{ctx.spawn(sleeps_long), ctx.spawn(add, 3, 4), ctx.spawn(sleeps_long)};
  const auto first = co_await any(fs);
  co_return static_cast<int>(first.index) * 100 + first.value;
}
BANYAN_FUNCTION(races)

std::string long_text() { return std::string(200, 'x'); }
BANYAN_FUNCTION(long_text)

task<std::string> races_for_text(context& ctx) {
  const auto first = co_await any(ctx.spawn(long_text), ctx.spawn(long_text));
  co_return first.value;
}
BANYAN_FUNCTION(races_for_text)

task<int> races_of_nothing(context&) { co_return (co_await any(std::vector<future<int>>{})).value; }
BANYAN_FUNCTION(races_of_nothing)

task<std::string> steps(context& ctx) {
  const auto t = ctx.now();
  const auto a = ctx.random();
  const auto b = ctx.random();
  const auto id = ctx.uuid();
  co_await ctx.sleep(5ms);
  const auto later = ctx.now();
  const std::string text = co_await ctx.run("text", [] { return std::string("answer"); });
  co_await ctx.run("void", [] { ++effects; });
  const int inner = co_await ctx.run("task", []() -> task<int> { co_return co_await no_context(4); });
  co_await ctx.sleep_until(t);
  if (a == b || later - t < 5ms || id.size() != 36 || inner != 8) co_return "wrong";
  co_return text;
}
BANYAN_FUNCTION(steps)

task<std::string> throws_in_run(context& ctx) {
  try {
    co_await ctx.run("bad", [] { throw std::runtime_error("side effect failed"); });
  } catch (const failure& e) {
    co_return std::string(to_string(e.code())) + ": " + e.message();
  }
  co_return "";
}
BANYAN_FUNCTION(throws_in_run)

std::string plain_steps(context& ctx) {
  const auto a = ctx.now();
  const auto r = ctx.random();
  return ctx.uuid() + (a == ctx.now() && r == ctx.random() ? "?" : "");
}
BANYAN_FUNCTION(plain_steps)

int fails(std::string why) { throw std::invalid_argument(why); }
BANYAN_FUNCTION(fails)

struct no_exception {};
int throws_oddly() { throw no_exception(); }
BANYAN_FUNCTION(throws_oddly)

task<int> passes_failure_on(context& ctx, int depth) {
  if (depth == 0) co_return co_await ctx.spawn(fails, "deep down");
  co_return co_await ctx.spawn(passes_failure_on, depth - 1);
}
BANYAN_FUNCTION(passes_failure_on)

task<std::string> catches(context& ctx) {
  const auto bad = ctx.spawn(fails, "caught");
  const auto good = ctx.spawn(add, 1, 2);
  std::string text;
  try {
    co_await bad;
  } catch (const failure& e) {
    text = e.message() + " in " + e.function();
  }
  co_return text + " " + std::to_string(co_await good);
}
BANYAN_FUNCTION(catches)

task<int> all_with_a_failure(context& ctx) {
  std::vector<future<int>> fs{ctx.spawn(sleeps_long), ctx.spawn(fails, "one of all")};
  try {
    co_await all(fs);
  } catch (const failure&) {
    co_return 1;
  }
  co_return 0;
}
BANYAN_FUNCTION(all_with_a_failure)

task<int> later_pending(context&) { co_return pending; }
BANYAN_FUNCTION(later_pending)

pending_result<int> plain_pending(int n) {
  if (n > 0) return n;
  return pending;
}
BANYAN_FUNCTION(plain_pending)

task<std::vector<future<int>>> returns_futures(context& ctx) {
  std::vector<future<int>> fs{ctx.spawn(add, 1, 1), ctx.spawn(add, 2, 2)};
  co_return fs;
}
BANYAN_FUNCTION(returns_futures)

task<int> takes_futures(std::vector<future<int>> fs) {
  int sum = 0;
  for (const auto& f : fs) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(takes_futures)

task<int> passes_futures(context& ctx) {
  const auto fs = co_await ctx.spawn(returns_futures);
  co_return co_await ctx.spawn(takes_futures, fs);
}
BANYAN_FUNCTION(passes_futures)

int gets(context& ctx) { return ctx.spawn(add, 20, 22).get(); }
BANYAN_FUNCTION(gets)

struct alien {
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<>) const {}
  void await_resume() const {}
};
task<int> awaits_aliens(context&) {
  co_await alien{};
  co_return 0;
}
BANYAN_FUNCTION(awaits_aliens)

task<int> counts_down(context& ctx, int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await ctx.spawn(counts_down, n - 1);
}
BANYAN_FUNCTION(counts_down)

task<int> many_steps(context& ctx, int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await ctx.run("one", [] { return 1; });
  co_return sum;
}
BANYAN_FUNCTION(many_steps)

class Functions : public Kernel {};
BANYAN_OVER_EACH_STORE(Functions);

TEST_P(Functions, are_plain_or_coroutines_with_or_without_context) {
  EXPECT_EQ(rt().spawn(add, 1, 2).get(), 3);
  EXPECT_EQ(rt().spawn(no_context, 4).get(), 8);
  EXPECT_EQ(rt().spawn(fib, 12).get(), 144);
  const auto who = rt().spawn(whoami, "hello");
  EXPECT_EQ(who.get(), "hello " + who.key().str() + " 1 root");
  effects = 0;
  rt().spawn(effect).get();
  EXPECT_EQ(effects, 1);
}

TEST_P(Functions, await_helpers_directly) { EXPECT_EQ(rt().spawn(with_helpers, 5).get(), 15); }

TEST_P(Functions, take_and_return_what_msgpack_can_pack) {
  const auto out = rt().spawn(rich, table{{"a", {1, 2}}}, std::nullopt, std::vector<std::string>{"x", "y"}).get();
  EXPECT_EQ(out, (table{{"a", {1, 2}}, {"sizes", {2, 0}}}));
}

TEST_P(Functions, that_return_braces_return_a_value) {
  EXPECT_EQ(rt().spawn(returns_braces).get_for(20s), std::vector<int>{});
}

TEST_P(Functions, gather_with_all) {
  effects = 0;
  EXPECT_THAT(rt().spawn(gathers).get(), ElementsAre(10, 11, 12, 13, 14, 2));
  EXPECT_EQ(effects, 2);
}

TEST_P(Functions, race_with_any_and_losers_are_cancelled) {
  const auto job = rt().spawn(races);
  EXPECT_EQ(job.get(), 107);
  rt().wait_idle();
  EXPECT_EQ(job.children()[0].status(), status::cancelled);
  EXPECT_EQ(job.children()[2].status(), status::cancelled);
  EXPECT_EQ(code_of([&] { rt().spawn(races_of_nothing).get(); }), errc::invalid_argument);
}

/// Values with a destructor: g++ 12 destroys them twice where they are not handled with care.
TEST_P(Functions, race_for_values_with_memory_of_their_own) {
  EXPECT_EQ(rt().spawn(races_for_text).get(), std::string(200, 'x'));
}

TEST_P(Functions, record_steps) {
  EXPECT_EQ(rt().spawn(steps).get(), "answer");
  EXPECT_EQ(rt().spawn(plain_steps).get().size(), 36u);
  EXPECT_EQ(rt().spawn(throws_in_run).get(), "failed: side effect failed");
}

TEST_P(Functions, fail_with_the_origin_of_the_error) {
  const auto job = rt().spawn(passes_failure_on, 3);
  try {
    job.get();
    FAIL();
  } catch (const failure& e) {
    EXPECT_EQ(e.code(), errc::failed);
    EXPECT_EQ(e.message(), "deep down");
    EXPECT_EQ(e.function(), "fails");
    future_handle deepest = job;
    while (!deepest.children().empty()) deepest = deepest.children().front();
    EXPECT_EQ(e.origin(), deepest.key());
    EXPECT_THAT(e.what(), HasSubstr(deepest.key().str()));
  }
  EXPECT_THAT(message_of([&] { rt().spawn(throws_oddly).get(); }), HasSubstr("no std::exception"));
}

TEST_P(Functions, catch_what_a_child_throws) {
  EXPECT_EQ(rt().spawn(catches).get(), "caught in fails 3");
  EXPECT_EQ(rt().spawn(all_with_a_failure).get(), 1);
}

TEST_P(Functions, may_leave_their_result_to_others) {
  const auto a = rt().spawn(later_pending);
  const auto b = rt().spawn(plain_pending, 0);
  EXPECT_EQ(rt().spawn(plain_pending, 5).get(), 5);
  rt().wait_idle();
  EXPECT_EQ(a.status(), status::waiting);
  EXPECT_TRUE(a.set_value(7));
  EXPECT_FALSE(a.set_value(8));
  EXPECT_FALSE(a.set_error("late"));
  EXPECT_EQ(a.get(), 7);
  EXPECT_TRUE(b.set_error("refused"));
  EXPECT_THAT(message_of([&] { b.get(); }), HasSubstr("refused"));
}

TEST_P(Functions, pass_futures_on) { EXPECT_EQ(rt().spawn(passes_futures).get(), 6); }

TEST_P(Functions, block_only_where_they_said_so) {
  EXPECT_EQ(code_of([&] { rt().spawn(gets).get(); }), errc::would_block);
  EXPECT_EQ(rt().spawn({.blocking = true}, gets).get(), 42);
}

TEST_P(Functions, cannot_await_what_is_none_of_ours) {
  EXPECT_EQ(code_of([&] { rt().spawn(awaits_aliens).get(); }), errc::invalid_argument);
}

TEST_P(Functions, nest_deeply) { EXPECT_EQ(rt().spawn(counts_down, 3000).get(), 3000); }

TEST_P(Functions, hold_no_room_for_children_that_they_left_behind) {
  options.threads = 1;
  const auto job = rt().spawn(leaves_a_child, 200);
  EXPECT_EQ(job.get(), 200);
  EXPECT_TRUE(wait_until([&] { return rt().roots().front().settled; }));
}

TEST_P(Functions, take_many_steps) { EXPECT_EQ(rt().spawn(many_steps, 20'000).get(), 20'000); }

}  // namespace
}  // namespace banyan::test
