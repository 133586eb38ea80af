#include "messages/family.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

int costs_one(int n) { return n; }
BANYAN_FUNCTION(costs_one)

/// The code of what a call throws inside a function; 0: nothing.
template <class Call>
int code_here(Call call) {
  try {
    call();
  } catch (const cancelled&) {
    throw;
  } catch (const error& e) {
    return static_cast<int>(e.code());
  }
  return 0;
}

constexpr int exceeded = static_cast<int>(errc::budget_exceeded);

/// Makes children until it may not, at most `most`; gives how many it made.
task<int> spends_all(context& ctx, int most) {
  int made = 0;
  while (made < most && code_here([&] { ctx.spawn(costs_one, made); }) == 0) ++made;
  co_return made;
}
BANYAN_FUNCTION(spends_all)

task<int> spends_without_a_look(context& ctx, int count) {
  for (int i = 0; i < count; ++i) ctx.spawn(costs_one, i);
  co_return count;
}
BANYAN_FUNCTION(spends_without_a_look)

/// Goes down as far as it may; gives how many levels that were.
task<int> goes_down(context& ctx) {
  std::optional<future<int>> below;
  const int code = code_here([&] { below = ctx.spawn(goes_down); });
  if (code != 0) co_return code == exceeded ? 0 : -1000;
  const int levels = co_await *below;
  co_return 1 + levels;
}
BANYAN_FUNCTION(goes_down)

task<int> gives_a_child_a_budget(context& ctx, int inner, int most) {
  const banyan::options opts{.budget = {.descendants = inner}};
  const future<int> child = ctx.spawn(opts, spends_all, most);
  co_return co_await child;
}
BANYAN_FUNCTION(gives_a_child_a_budget)

int text_size(const std::string& text) { return static_cast<int>(text.size()); }
BANYAN_FUNCTION(text_size)

task<int> spends_bytes(context& ctx, int each, int most) {
  int made = 0;
  while (made < most && code_here([&] { ctx.spawn(text_size, std::string(each, 'x')); }) == 0) ++made;
  // What is small enough still has room.
  co_return 100 * made + code_here([&] { ctx.spawn(text_size, ""); });
}
BANYAN_FUNCTION(spends_bytes)

/// Its first attempt fails after it has made so many children, each of them with children of its own.
task<int> spends_twice(context& ctx, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const future<int> child = ctx.spawn(spends_without_a_look, 2);
    sum += co_await child;
  }
  if (ctx.attempt() == 1) throw std::runtime_error("once");
  co_return sum;
}
BANYAN_FUNCTION(spends_twice)

task<int> promises_and_spawns(context& ctx) {
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    const std::string name = "p" + std::to_string(i);
    if (code_here([&] { ctx.promise<int>(name).set_value(1); }) == exceeded) ++refused;
  }
  co_return refused;
}
BANYAN_FUNCTION(promises_and_spawns)

task<int> adopts_within_its_budget(context& ctx) { co_return co_await ctx.receive<int>("done"); }
BANYAN_FUNCTION(adopts_within_its_budget)

std::atomic<int> budget_handlers{0};
void counts_as_a_handler(const future_handle&) { ++budget_handlers; }
BANYAN_FUNCTION(counts_as_a_handler)

task<int> handles_below(context& ctx) {
  const future<int> child = ctx.spawn({.on_success = counts_as_a_handler}, costs_one, 1);
  co_return co_await child;
}
BANYAN_FUNCTION(handles_below)

task<int> composes_below(context& ctx) {
  const std::vector<fn<int()>> calls{bind(costs_one, 1), bind(costs_one, 2), bind(costs_one, 3)};
  const auto all = ctx.spawn(parallel(calls));
  const std::vector<int> results = co_await all;
  co_return results[2];
}
BANYAN_FUNCTION(composes_below)

/// Makes `count` children below one that keeps none of their records, then waits, then tries one more, then waits.
task<int> spends_over_restarts(context& ctx, int count) {
  const future<int> first = ctx.spawn({.keep = keep::none}, spends_without_a_look, count - 1);
  int sum = co_await first;
  sum += 100 * co_await ctx.receive<int>("go");
  std::string why;
  try {
    ctx.spawn(costs_one, 5);
  } catch (const error& e) {
    why = e.message();
    sum += 10000 * (e.code() == errc::budget_exceeded);
  }
  const std::string before = co_await ctx.run("why", [&] { return why; });
  if (before != why) throw permanent_failure("another reason");
  ctx.publish(why);
  co_return sum + 1000 * co_await ctx.receive<int>("go");
}
BANYAN_FUNCTION(spends_over_restarts)

class Budgets : public Kernel {
 protected:
  static banyan::options budget(banyan::budget b) { return {.budget = b}; }
  [[nodiscard]] bool settles(const key& root) {
    return wait_until([&] {
      const auto all = rt().roots();
      return std::ranges::any_of(all, [&](const root_info& r) { return r.key == root && r.settled; });
    });
  }
};

TEST_P(Budgets, let_so_many_be_made_and_no_more) {
  EXPECT_EQ(rt().spawn(budget({.descendants = 7}), spends_all, 100).get_for(20s), 7);
  EXPECT_EQ(rt().spawn(budget({.descendants = 7}), spends_all, 7).get_for(20s), 7);
  EXPECT_EQ(rt().spawn(budget({.descendants = 0}), spends_all, 100).get_for(20s), 0);
  EXPECT_EQ(rt().spawn(spends_all, 100).get_for(20s), 100);
}

TEST_P(Budgets, say_what_was_exceeded_and_whose_it_was) {
  const auto f = rt().spawn({.retry = {.max_attempts = 3}, .budget = {.descendants = 2}}, spends_without_a_look, 3);
  const auto e = thrown_by([&] { f.get_for(20s); });
  EXPECT_EQ(e.code(), errc::budget_exceeded);
  EXPECT_THAT(e.message(), HasSubstr(f.key().str() + ", whose budget is 2 descendants"));
  EXPECT_EQ(e.origin(), f.key());
  EXPECT_THAT(f.to_json(0), HasSubstr("\"attempts\":1")) << "another attempt would not help";
}

TEST_P(Budgets, bound_the_depth) {
  EXPECT_EQ(rt().spawn(budget({.depth = 1}), goes_down).get_for(20s), 1);
  EXPECT_EQ(rt().spawn(budget({.depth = 5}), goes_down).get_for(20s), 5);
  EXPECT_EQ(rt().spawn(budget({.descendants = 4, .depth = 5}), goes_down).get_for(20s), 4);
}

TEST_P(Budgets, bound_the_bytes_of_arguments) {
  // An array of one string of 50 characters has 53 bytes, one of an empty string 2.
  EXPECT_EQ(rt().spawn(budget({.bytes = 161}), spends_bytes, 50, 100).get_for(20s), 300);
  EXPECT_EQ(rt().spawn(budget({.bytes = 160}), spends_bytes, 50, 100).get_for(20s), 300 + exceeded);
}

TEST_P(Budgets, of_all_above_are_heeded) {
  EXPECT_EQ(rt().spawn(gives_a_child_a_budget, 3, 100).get_for(20s), 3);
  EXPECT_EQ(rt().spawn(budget({.descendants = 100}), gives_a_child_a_budget, 3, 100).get_for(20s), 3);
  EXPECT_EQ(rt().spawn(budget({.descendants = 3}), gives_a_child_a_budget, 100, 100).get_for(20s), 2);
}

TEST_P(Budgets, count_what_another_attempt_makes_again_once) {
  const retry_policy twice{.max_attempts = 2, .first_delay = 1ms};
  EXPECT_EQ(rt().spawn({.retry = twice, .budget = {.descendants = 9}}, spends_twice, 3).get_for(20s), 6);
  EXPECT_THROW(rt().spawn({.retry = twice, .budget = {.descendants = 8}}, spends_twice, 3).get_for(20s), failure);
}

TEST_P(Budgets, count_promises) {
  EXPECT_EQ(rt().spawn(budget({.descendants = 2}), promises_and_spawns).get_for(20s), 1);
}

TEST_P(Budgets, count_handlers_and_do_not_refuse_them) {
  budget_handlers = 0;
  const auto f = rt().spawn(budget({.descendants = 1}), handles_below);
  EXPECT_EQ(f.get_for(20s), 1);
  ASSERT_TRUE(settles(f.key()));
  EXPECT_EQ(budget_handlers, 1);
}

TEST_P(Budgets, count_the_parts_of_compositions) {
  EXPECT_EQ(rt().spawn(budget({.descendants = 4}), composes_below).get_for(20s), 3);
  EXPECT_EQ(thrown_by([&] { rt().spawn(budget({.descendants = 3}), composes_below).get_for(20s); }).code(),
            errc::budget_exceeded);
}

TEST_P(Budgets, are_for_what_is_adopted_too) {
  const auto f = rt().spawn(budget({.descendants = 2}), adopts_within_its_budget);
  EXPECT_EQ(rt().adopt(f.key(), costs_one, 1).get_for(20s), 1);
  EXPECT_EQ(rt().adopt(f.key(), costs_one, 2).get_for(20s), 2);
  EXPECT_EQ(code_of([&] { rt().adopt(f.key(), costs_one, 3); }), errc::budget_exceeded);
  EXPECT_EQ(f.children().size(), 2u);
  EXPECT_TRUE(f.send("done", 1));
  EXPECT_EQ(f.get_for(20s), 1);
  EXPECT_TRUE(settles(f.key()));
}

TEST_P(Budgets, let_records_go_once_nothing_is_to_be_counted) {
  const auto f = rt().spawn({.keep = keep::none, .budget = {.descendants = 10}}, gives_a_child_a_budget, 3, 3);
  EXPECT_EQ(f.get_for(20s), 3);
  const key child{detail::child_family(f.key(), 1), 0};
  const key grandchild{detail::child_family(child, 1), 2};
  for (const key& k : {child, grandchild}) {
    EXPECT_TRUE(wait_until([&] { return code_of([&] { rt().find_handle(k); }) == errc::not_found; })) << k.str();
  }
}

TEST_P(Budgets, are_for_what_is_not_durable_too) {
  EXPECT_EQ(rt().spawn({.durable = false, .budget = {.descendants = 5}}, spends_all, 100).get_for(20s), 5);
}

TEST_P(Budgets, that_make_no_sense_are_refused) {
  EXPECT_EQ(code_of([&] { rt().spawn(budget({.descendants = -1}), spends_all, 1); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().spawn(budget({.depth = 0}), spends_all, 1); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().spawn(budget({.bytes = 0}), spends_all, 1); }), errc::invalid_argument);
}

class BudgetsAfterARestart : public Budgets {};

TEST_P(BudgetsAfterARestart, count_what_is_there_and_refuse_the_same) {
  const auto f = rt().spawn(budget({.descendants = 4}), spends_over_restarts, 4);
  const key k = f.key();
  const auto waits = [&] { return wait_until([&] { return rt().find_handle(k).status() == status::waiting; }); };
  ASSERT_TRUE(waits());
  restart();
  ASSERT_TRUE(waits());
  EXPECT_TRUE(rt().find_handle(k).send("go", 2));
  ASSERT_TRUE(wait_until([&] { return rt().find_handle(k).published<std::string>().has_value(); }));
  EXPECT_THAT(*rt().find_handle(k).published<std::string>(), HasSubstr("this would be future 5"));
  restart();
  ASSERT_TRUE(waits());
  EXPECT_TRUE(rt().find_handle(k).send("go", 3));
  EXPECT_EQ(rt().find<int>(k).get_for(20s), 3 + 200 + 3000 + 10000);
  EXPECT_TRUE(settles(k));
}

TEST_P(BudgetsAfterARestart, that_are_used_up_to_the_last_are_not_exceeded) {
  const auto f = rt().spawn(budget({.descendants = 5}), spends_over_restarts, 4);
  const key k = f.key();
  const auto waits = [&] { return wait_until([&] { return rt().find_handle(k).status() == status::waiting; }); };
  for (const int n : {1, 1}) {
    ASSERT_TRUE(waits());
    restart();
    ASSERT_TRUE(waits());
    EXPECT_TRUE(rt().find_handle(k).send("go", n));
    ASSERT_TRUE(wait_until([&] { return rt().find_handle(k).published<std::string>().has_value(); }));
  }
  EXPECT_EQ(rt().find<int>(k).get_for(20s), 3 + 100 + 1000);
}

BANYAN_OVER_EACH_STORE(Budgets);
BANYAN_OVER_SHARED_STORES(BudgetsAfterARestart);

}  // namespace
}  // namespace banyan::test
