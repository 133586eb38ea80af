#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include <banyan/banyan.hpp>

#include "tests/kernel/given_numbers.hpp"

/// Combinators, to be killed. What they chose is compared with what they had chosen before they were killed.
namespace banyan::test {

inline int sum_and(int n, const std::vector<int>& so_far) {
  for (const int m : so_far) n += m;
  return n;
}
BANYAN_FUNCTION(sum_and)

struct add_all {
  std::vector<int> more;
  MSGPACK_DEFINE(more)
  task<int> operator()(context& ctx, int n) const {
    for (const int m : more) {
      const future<int> f = ctx.spawn(give, m);
      n += co_await f;
    }
    co_return n;
  }
};
BANYAN_CLOSURE(add_all)

/// Throws if a value is another one than in an earlier run.
template <class T>
task<> expect_as_before(context& ctx, T now) {
  const T before = co_await ctx.run("before", [&] { return now; });
  if (before != now) throw permanent_failure("another choice than before");
}

inline std::vector<future<int>> several(context& ctx) {
  std::vector<future<int>> all;
  for (const int n : {5, 3, 1, 4, 2}) all.push_back(ctx.spawn(give_later, n, n));
  return all;
}

inline task<int> takes_as_completed(context& ctx) {
  auto done = as_completed(several(ctx));
  int sum = 0;
  bool more = true;
  while (const auto f = co_await done.next()) {
    const int n = co_await *f;
    co_await expect_as_before(ctx, n);
    sum += n;
    if (std::exchange(more, false)) done.add(ctx.spawn(give, 10));
  }
  co_return sum;
}
BANYAN_FUNCTION(takes_as_completed)

inline task<int> takes_batches(context& ctx) {
  auto done = as_completed(several(ctx));
  int sum = 0;
  for (;;) {
    const std::vector<future<int>> batch = co_await done.next_batch(3);
    co_await expect_as_before(ctx, batch.size());
    if (batch.empty()) co_return sum;
    for (const auto& f : batch) sum += co_await f;
  }
}
BANYAN_FUNCTION(takes_batches)

inline task<int> waits_for_some(context& ctx) {
  const std::vector<future<int>> all = several(ctx);
  wait_options opts;
  opts.count = 3;
  const wait_result<int> some = co_await wait(all, opts);
  std::vector<int> done;
  for (const auto& f : some.done) done.push_back(co_await f);
  co_await expect_as_before(ctx, done);
  int sum = 0;
  for (const int n : co_await gather(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(waits_for_some)

inline task<int> waits_for_a_deadline(context& ctx) {
  std::vector<future<int>> all = several(ctx);
  all.push_back(ctx.promise<int>("never"));
  wait_options opts;
  opts.deadline = std::chrono::milliseconds(60);
  const wait_result<int> some = co_await wait(all, opts);
  co_await expect_as_before(ctx, some.done.size());
  all.back().cancel();
  co_return static_cast<int>(some.open.empty());
}
BANYAN_FUNCTION(waits_for_a_deadline)

inline task<int> takes_the_first_success(context& ctx) {
  std::vector<future<int>> all;
  for (const int n : {-1, 7, -2, 7}) all.push_back(ctx.spawn(give_later, n, 2));
  const first_result<int> first = co_await first_success(all);
  co_await expect_as_before(ctx, first.index);
  co_return first.value;
}
BANYAN_FUNCTION(takes_the_first_success)

inline task<int> gathers_successes(context& ctx) {
  std::vector<future<int>> all = several(ctx);
  all.push_back(ctx.spawn(give, -1));
  int sum = 0;
  for (const int n : co_await gather(all, errors::skip)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(gathers_successes)

inline task<int> runs_out_of_time(context& ctx) {
  const future<int> f = ctx.spawn(give_later, 1, 60000);
  bool in_time = true;
  try {
    co_await with_timeout(f, std::chrono::milliseconds(30));
  } catch (const timeout&) {
    in_time = false;
  }
  co_await expect_as_before(ctx, in_time);
  co_return in_time;
}
BANYAN_FUNCTION(runs_out_of_time)

inline task<int> composes(context& ctx) {
  const std::vector<fn<int(std::vector<int>)>> steps{banyan::bind(sum_and, 1), banyan::bind(sum_and, 2),
                                                     banyan::bind(sum_and, 3)};
  const future<std::vector<int>> in_sequence = ctx.spawn(sequence(steps));
  const std::vector<fn<int()>> calls{banyan::bind(give, 20), banyan::bind(give_later, 30, 1)};
  const future<std::vector<int>> at_once = ctx.spawn(parallel(calls));
  const fn<int(std::vector<int>)> next = banyan::bind(sum_and, 100);
  const future<int> after = ctx.spawn(then(at_once, next));
  const std::vector<int> sums = co_await in_sequence;
  co_return sums.back() + co_await after;
}
BANYAN_FUNCTION(composes)

inline task<int> calls_in_place(context& ctx) {
  const fn<int(int)> f = add_all{{1, 2, 3}};
  const int once = co_await f(ctx, 10);
  const future<int> child = ctx.spawn(f, once);
  co_return co_await child;
}
BANYAN_FUNCTION(calls_in_place)

inline void expect_nothing(int n) { give(n); }
BANYAN_FUNCTION(expect_nothing)

inline task<> ends_later(context& ctx, int ms) { co_await ctx.sleep(std::chrono::milliseconds(ms)); }
BANYAN_FUNCTION(ends_later)

/// Of what has no value, alone and beside what has one.
inline task<int> combines_voids(context& ctx) {
  const std::vector<fn<void()>> calls{banyan::bind(ends_later, 2), banyan::bind(expect_nothing, 1)};
  const future<void> at_once = ctx.spawn(parallel(calls));
  const future<void> in_turn = ctx.spawn(sequence(calls));
  const future<int> after = ctx.spawn(then(in_turn, banyan::bind(give, 8)));
  const std::vector<future<void>> mixed{ctx.spawn(ends_later, 1), ctx.spawn(expect_nothing, -1)};
  co_await gather(mixed, errors::skip);
  const future<int> beside = ctx.spawn(give_later, 4, 1);
  const auto values = co_await all(at_once, after, beside);
  co_return std::get<0>(values) * 10 + std::get<1>(values);
}
BANYAN_FUNCTION(combines_voids)

}  // namespace banyan::test
