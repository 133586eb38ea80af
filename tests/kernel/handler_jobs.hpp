#pragma once

#include <chrono>
#include <string>

#include <banyan/banyan.hpp>

#include "tests/kernel/combinator_jobs.hpp"

/// Handlers, signals and children from outside, to be killed.
namespace banyan::test {

inline void pass_on(const future<int>& to, const future<int>& of) { to.set_value(of.get() + 1); }
BANYAN_FUNCTION(pass_on)

inline void pass_on_status(const future<int>& to, const future<int>& of) {
  to.set_value(static_cast<int>(of.status()));
}
BANYAN_FUNCTION(pass_on_status)

/// What it waits for comes from handlers alone.
inline task<int> is_told(context& ctx) {
  const future<int> good = ctx.promise<int>("good");
  const future<int> bad = ctx.promise<int>("bad");
  const future<int> moved = ctx.promise<int>("moved");
  ctx.spawn({.on_success = banyan::bind(pass_on, good)}, give_later, 4, 2);
  ctx.spawn({.on_failure = banyan::bind(pass_on_status, bad), .on_parent_done = on_parent_done::detach}, give, -1);
  ctx.spawn({.on_progress = banyan::bind(pass_on, moved)}, give, 30);
  const int first = co_await good;
  const int second = co_await bad;
  co_return 100 * second + first + co_await moved;
}
BANYAN_FUNCTION(is_told)

inline task<int> is_told_late(context& ctx) {
  const future<int> before = ctx.promise<int>("before");
  const future<int> after = ctx.promise<int>("after");
  const future<int> child = ctx.spawn(give_later, 4, 2);
  child.on_success(banyan::bind(pass_on, before));
  const int n = co_await child;
  child.on_success(banyan::bind(pass_on, after));
  co_return n + co_await before + co_await after;
}
BANYAN_FUNCTION(is_told_late)

inline int plus(int a, int b) { return a + b; }
BANYAN_FUNCTION(plus)

inline task<int> splits(context& ctx, bool some_fail) {
  several(ctx);
  if (some_fail) ctx.spawn(give, -1);
  co_return pending;
}
BANYAN_FUNCTION(splits)

inline void sum_up(const future<int>& of) {
  int sum = 0;
  for (const auto& child : of.children()) {
    if (child.status() == status::success) sum += future<int>(child).get();
  }
  of.set_value(sum);
}
BANYAN_FUNCTION(sum_up)

inline task<int> sums_children(context& ctx) {
  const future<int> all = ctx.spawn({.on_all_children_success = banyan::combine(100, plus)}, splits, false);
  const future<int> some = ctx.spawn({.on_all_children_settled = sum_up}, splits, true);
  const int sum = co_await all;
  co_return sum + co_await some;
}
BANYAN_FUNCTION(sums_children)

/// What it receives and in which order, as digits.
inline task<int> listens(context& ctx, int count) {
  int heard = 0;
  for (int i = 0; i < count; ++i) {
    heard = 10 * heard + co_await ctx.receive<int>("digit");
    ctx.publish(heard);
  }
  const auto more = co_await ctx.receive_for<int>("digit", std::chrono::milliseconds(1));
  co_return more ? -1 : heard;
}
BANYAN_FUNCTION(listens)

inline void says(const future<int>& to, int from) {
  for (int digit = from; digit < from + 3; ++digit) to.send("digit", digit);
}
BANYAN_FUNCTION(says)

inline task<int> sends_signals(context& ctx) {
  const future<int> listener = ctx.spawn(listens, 5);
  const future<void> speaker = ctx.spawn(says, listener, 1);
  co_await speaker;
  listener.send("digit", 4);
  const future<int> same = ctx.attach<int>(listener.key());
  listener.send("digit", 4);
  co_return co_await same;
}
BANYAN_FUNCTION(sends_signals)

inline task<int> is_given_children(context& ctx) {
  ctx.promise<int>("no more");
  co_return pending;
}
BANYAN_FUNCTION(is_given_children)

/// Its end is at hand when the promise is kept.
inline task<int> waits_for_gifts(context& ctx) {
  const future<int> enough = ctx.promise<int>("enough");
  co_await enough;
  co_return pending;
}
BANYAN_FUNCTION(waits_for_gifts)

/// Each of them once, however often this is begun.
inline int adopted_sum(runtime& rt, const std::string& name) {
  const future<int> f =
      rt.spawn({.id = name, .on_all_children_success = banyan::combine(1000, plus)}, is_given_children);
  rt.adopt(f.key(), {.id = "one"}, give, 1);
  rt.adopt(f.key(), {.id = "many"}, sums_children);
  rt.adopt(f.key(), {.id = "later", .placement = placement::spread()}, give_later, 200, 3);
  future<int>(f.children().front()).set_value(0);
  const int sum = f.get();
  rt.wait_idle();
  if (f.children().size() != 4) throw permanent_failure("another number of children");
  return sum;
}

}  // namespace banyan::test
