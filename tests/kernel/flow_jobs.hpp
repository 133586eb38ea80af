#pragma once

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <vector>

#include <banyan/banyan.hpp>

#include "tests/kernel/given_numbers.hpp"

/// Budgets, and what waits for its turn, to be killed.
namespace banyan::test {

/// With children at the first numbers, and a first attempt that fails behind them.
inline task<int> spends(context& ctx, int count, bool fails_once) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const future<int> f = ctx.spawn(give, 1);
    sum += co_await f;
  }
  if (fails_once && ctx.attempt() == 1) throw std::runtime_error("once");
  co_return sum;
}
BANYAN_FUNCTION(spends)

/// Uses up what it may, and is refused more.
inline task<int> spends_all(context& ctx) {
  const future<int> a = ctx.spawn(spends, 3, false);
  const options twice{.retry = {.max_attempts = 2, .first_delay = std::chrono::milliseconds(1)}};
  const future<int> b = ctx.spawn(twice, spends, 3, true);
  int sum = co_await a;
  sum += co_await b;
  for (int i = 0; i < 2; ++i) {
    try {
      ctx.spawn(give, 100);
    } catch (const error& e) {
      if (e.code() == errc::budget_exceeded) sum += 1000;
    }
  }
  const future<int> last = ctx.attach<int>(a.key());
  co_return sum + co_await last;
}
BANYAN_FUNCTION(spends_all)

inline task<int> has_a_budget(context& ctx) {
  const options exact{.budget = {.descendants = 8, .depth = 2, .bytes = 1000}};
  const future<int> f = ctx.spawn(exact, spends_all);
  co_return co_await f;
}
BANYAN_FUNCTION(has_a_budget)

/// Each has a place of the queue, and lends it to the next.
inline task<int> counts_down(context& ctx, int n) {
  if (n == 0) co_return 0;
  const options narrow{.queue = "narrow", .queue_key = "k"};
  const future<int> below = ctx.spawn(narrow, counts_down, n - 1);
  co_return n + co_await below;
}
BANYAN_FUNCTION(counts_down)

inline task<int> passes_place(context& ctx, int n) {
  const options narrow{.queue = "narrow", .queue_key = "k"};
  const future<int> below = ctx.spawn(narrow, counts_down, n);
  co_return co_await below;
}
BANYAN_FUNCTION(passes_place)

/// Its thread waits when its place is needed below it.
inline int blocks_in_place(context& ctx, int n) { return ctx.spawn(passes_place, n).get(); }
BANYAN_FUNCTION(blocks_in_place)

inline std::atomic<int> inside{0};

/// Its first attempt fails, and keeps the others out until the second one.
inline task<int> is_alone(context& ctx, int n) {
  const bool alone = inside++ == 0;
  co_await ctx.sleep(std::chrono::milliseconds(1));
  --inside;
  if (!alone) throw permanent_failure("somebody else is inside");
  if (ctx.attempt() == 1) throw std::runtime_error("once more");
  co_return n;
}
BANYAN_FUNCTION(is_alone)

inline task<int> waits_for_places(context& ctx) {
  const options narrow{.queue = "narrow", .queue_key = "k"};
  std::vector<future<int>> all{ctx.spawn(narrow, counts_down, 3), ctx.spawn(narrow, counts_down, 2)};
  const options blocking{.blocking = true, .queue = "narrow", .queue_key = "k"};
  all.push_back(ctx.spawn(blocking, blocks_in_place, 1));
  const options twice{.retry = {.max_attempts = 2, .first_delay = std::chrono::milliseconds(1)}};
  for (const int n : {10, 20, 30}) all.push_back(ctx.spawn(twice, critical_section("it", is_alone), n));
  int sum = 0;
  for (const int n : co_await banyan::all(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(waits_for_places)

inline int times_its_version(context& ctx, int n) { return n * static_cast<int>(ctx.version()); }
BANYAN_FUNCTION_VERSION(times_its_version, 2)

inline task<int> starts_some_later(context& ctx) {
  using namespace std::chrono_literals;
  std::vector<future<int>> all;
  for (const int n : {1, 2, 3}) {
    all.push_back(ctx.spawn({.start_after = n * 2ms}, times_its_version, n));
    all.push_back(ctx.spawn({.start_at = ctx.now() + n * 3ms}, times_its_version, 10 * n));
  }
  int sum = 0;
  for (const int n : co_await banyan::all(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(starts_some_later)

inline task<int> gives_in_the_end(context& ctx, int n) {
  if (ctx.attempt() == 1) throw std::runtime_error("once more");
  co_return n;
}
BANYAN_FUNCTION(gives_in_the_end)

inline task<int> debounces(context& ctx) {
  using namespace std::chrono_literals;
  const auto seldom = debounce(give, {.first = 5ms, .repeat = 50ms});
  std::vector<future<int>> all;
  for (const int n : {1, 2, 1, 2, 1}) all.push_back(ctx.spawn(seldom, n));
  const options twice{.retry = {.max_attempts = 2, .first_delay = 1ms}};
  all.push_back(ctx.spawn(twice, debounce(gives_in_the_end, {.first = 5ms, .repeat = 50ms}), 4));
  int sum = 0;
  for (const int n : co_await banyan::all(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(debounces)

}  // namespace banyan::test
