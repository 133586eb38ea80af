/// Jobs in the language of futures, to be killed at any moment: language_job STORE CASE [SOURCE]. Prints the job's
/// result when it is done. What a job chose is compared with what it had chosen before it was killed.

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <banyan/banyan.hpp>

#include "tests/kernel/given_numbers.hpp"
#include "tests/kernel/map_jobs.hpp"
#include "tests/kernel/schedule_job.hpp"

namespace {

using banyan::context;
using banyan::fn;
using banyan::future;
using banyan::task;
using banyan::test::give;
using banyan::test::give_later;

int sum_and(int n, const std::vector<int>& so_far) {
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
  if (before != now) throw banyan::permanent_failure("another choice than before");
}

std::vector<future<int>> several(context& ctx) {
  std::vector<future<int>> all;
  for (const int n : {5, 3, 1, 4, 2}) all.push_back(ctx.spawn(give_later, n, n));
  return all;
}

task<int> takes_as_completed(context& ctx) {
  auto done = banyan::as_completed(several(ctx));
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

task<int> takes_batches(context& ctx) {
  auto done = banyan::as_completed(several(ctx));
  int sum = 0;
  for (;;) {
    const std::vector<future<int>> batch = co_await done.next_batch(3);
    co_await expect_as_before(ctx, batch.size());
    if (batch.empty()) co_return sum;
    for (const auto& f : batch) sum += co_await f;
  }
}
BANYAN_FUNCTION(takes_batches)

task<int> waits_for_some(context& ctx) {
  const std::vector<future<int>> all = several(ctx);
  banyan::wait_options opts;
  opts.count = 3;
  const banyan::wait_result<int> some = co_await banyan::wait(all, opts);
  std::vector<int> done;
  for (const auto& f : some.done) done.push_back(co_await f);
  co_await expect_as_before(ctx, done);
  int sum = 0;
  for (const int n : co_await banyan::gather(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(waits_for_some)

task<int> waits_for_a_deadline(context& ctx) {
  std::vector<future<int>> all = several(ctx);
  all.push_back(ctx.promise<int>("never"));
  banyan::wait_options opts;
  opts.deadline = std::chrono::milliseconds(60);
  const banyan::wait_result<int> some = co_await banyan::wait(all, opts);
  co_await expect_as_before(ctx, some.done.size());
  all.back().cancel();
  co_return static_cast<int>(some.open.empty());
}
BANYAN_FUNCTION(waits_for_a_deadline)

task<int> takes_the_first_success(context& ctx) {
  std::vector<future<int>> all;
  for (const int n : {-1, 7, -2, 7}) all.push_back(ctx.spawn(give_later, n, 2));
  const banyan::first_result<int> first = co_await banyan::first_success(all);
  co_await expect_as_before(ctx, first.index);
  co_return first.value;
}
BANYAN_FUNCTION(takes_the_first_success)

task<int> gathers_successes(context& ctx) {
  std::vector<future<int>> all = several(ctx);
  all.push_back(ctx.spawn(give, -1));
  int sum = 0;
  for (const int n : co_await banyan::gather(all, banyan::errors::skip)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(gathers_successes)

task<int> runs_out_of_time(context& ctx) {
  const future<int> f = ctx.spawn(give_later, 1, 60000);
  bool in_time = true;
  try {
    co_await banyan::with_timeout(f, std::chrono::milliseconds(30));
  } catch (const banyan::timeout&) {
    in_time = false;
  }
  co_await expect_as_before(ctx, in_time);
  co_return in_time;
}
BANYAN_FUNCTION(runs_out_of_time)

task<int> composes(context& ctx) {
  const std::vector<fn<int(std::vector<int>)>> steps{banyan::bind(sum_and, 1), banyan::bind(sum_and, 2),
                                                     banyan::bind(sum_and, 3)};
  const future<std::vector<int>> in_sequence = ctx.spawn(banyan::sequence(steps));
  const std::vector<fn<int()>> calls{banyan::bind(give, 20), banyan::bind(give_later, 30, 1)};
  const future<std::vector<int>> at_once = ctx.spawn(banyan::parallel(calls));
  const fn<int(std::vector<int>)> next = banyan::bind(sum_and, 100);
  const future<int> after = ctx.spawn(banyan::then(at_once, next));
  const std::vector<int> sums = co_await in_sequence;
  co_return sums.back() + co_await after;
}
BANYAN_FUNCTION(composes)

task<int> calls_in_place(context& ctx) {
  const fn<int(int)> f = add_all{{1, 2, 3}};
  const int once = co_await f(ctx, 10);
  const future<int> child = ctx.spawn(f, once);
  co_return co_await child;
}
BANYAN_FUNCTION(calls_in_place)

void pass_on(const future<int>& to, const future<int>& of) { to.set_value(of.get() + 1); }
BANYAN_FUNCTION(pass_on)

void pass_on_status(const future<int>& to, const future<int>& of) { to.set_value(static_cast<int>(of.status())); }
BANYAN_FUNCTION(pass_on_status)

/// What it waits for comes from handlers alone.
task<int> is_told(context& ctx) {
  const future<int> good = ctx.promise<int>("good");
  const future<int> bad = ctx.promise<int>("bad");
  const future<int> moved = ctx.promise<int>("moved");
  ctx.spawn({.on_success = banyan::bind(pass_on, good)}, give_later, 4, 2);
  ctx.spawn({.on_failure = banyan::bind(pass_on_status, bad), .on_parent_done = banyan::on_parent_done::detach}, give,
            -1);
  ctx.spawn({.on_progress = banyan::bind(pass_on, moved)}, give, 30);
  const int first = co_await good;
  const int second = co_await bad;
  co_return 100 * second + first + co_await moved;
}
BANYAN_FUNCTION(is_told)

task<int> is_told_late(context& ctx) {
  const future<int> before = ctx.promise<int>("before");
  const future<int> after = ctx.promise<int>("after");
  const future<int> child = ctx.spawn(give_later, 4, 2);
  child.on_success(banyan::bind(pass_on, before));
  const int n = co_await child;
  child.on_success(banyan::bind(pass_on, after));
  co_return n + co_await before + co_await after;
}
BANYAN_FUNCTION(is_told_late)

int plus(int a, int b) { return a + b; }
BANYAN_FUNCTION(plus)

task<int> splits(context& ctx, bool some_fail) {
  several(ctx);
  if (some_fail) ctx.spawn(give, -1);
  co_return banyan::pending;
}
BANYAN_FUNCTION(splits)

void sum_up(const future<int>& of) {
  int sum = 0;
  for (const auto& child : of.children()) {
    if (child.status() == banyan::status::success) sum += future<int>(child).get();
  }
  of.set_value(sum);
}
BANYAN_FUNCTION(sum_up)

task<int> sums_children(context& ctx) {
  const future<int> all = ctx.spawn({.on_all_children_success = banyan::combine(100, plus)}, splits, false);
  const future<int> some = ctx.spawn({.on_all_children_settled = sum_up}, splits, true);
  const int sum = co_await all;
  co_return sum + co_await some;
}
BANYAN_FUNCTION(sums_children)

/// What it receives and in which order, as digits.
task<int> listens(context& ctx, int count) {
  int heard = 0;
  for (int i = 0; i < count; ++i) {
    heard = 10 * heard + co_await ctx.receive<int>("digit");
    ctx.publish(heard);
  }
  const auto more = co_await ctx.receive_for<int>("digit", std::chrono::milliseconds(1));
  co_return more ? -1 : heard;
}
BANYAN_FUNCTION(listens)

void says(const future<int>& to, int from) {
  for (int digit = from; digit < from + 3; ++digit) to.send("digit", digit);
}
BANYAN_FUNCTION(says)

task<int> sends_signals(context& ctx) {
  const future<int> listener = ctx.spawn(listens, 5);
  const future<void> speaker = ctx.spawn(says, listener, 1);
  co_await speaker;
  listener.send("digit", 4);
  const future<int> same = ctx.attach<int>(listener.key());
  listener.send("digit", 4);
  co_return co_await same;
}
BANYAN_FUNCTION(sends_signals)

task<int> is_given_children(context& ctx) {
  ctx.promise<int>("no more");
  co_return banyan::pending;
}
BANYAN_FUNCTION(is_given_children)

/// Its end is at hand when the promise is kept.
task<int> waits_for_gifts(context& ctx) {
  const future<int> enough = ctx.promise<int>("enough");
  co_await enough;
  co_return banyan::pending;
}
BANYAN_FUNCTION(waits_for_gifts)

/// Each of them once, however often this is begun.
int adopted_sum(banyan::runtime& rt, const std::string& name) {
  const future<int> f =
      rt.spawn({.id = name, .on_all_children_success = banyan::combine(1000, plus)}, is_given_children);
  rt.adopt(f.key(), {.id = "one"}, give, 1);
  rt.adopt(f.key(), {.id = "many"}, sums_children);
  rt.adopt(f.key(), {.id = "later", .placement = banyan::placement::spread()}, give_later, 200, 3);
  future<int>(f.children().front()).set_value(0);
  const int sum = f.get();
  rt.wait_idle();
  if (f.children().size() != 4) throw banyan::permanent_failure("another number of children");
  return sum;
}

/// With children at the first numbers, and a first attempt that fails behind them.
task<int> spends(context& ctx, int count, bool fails_once) {
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
task<int> spends_all(context& ctx) {
  const future<int> a = ctx.spawn(spends, 3, false);
  const banyan::options twice{.retry = {.max_attempts = 2, .first_delay = std::chrono::milliseconds(1)}};
  const future<int> b = ctx.spawn(twice, spends, 3, true);
  int sum = co_await a;
  sum += co_await b;
  for (int i = 0; i < 2; ++i) {
    try {
      ctx.spawn(give, 100);
    } catch (const banyan::error& e) {
      if (e.code() == banyan::errc::budget_exceeded) sum += 1000;
    }
  }
  const future<int> last = ctx.attach<int>(a.key());
  co_return sum + co_await last;
}
BANYAN_FUNCTION(spends_all)

task<int> has_a_budget(context& ctx) {
  const banyan::options exact{.budget = {.descendants = 8, .depth = 2, .bytes = 1000}};
  const future<int> f = ctx.spawn(exact, spends_all);
  co_return co_await f;
}
BANYAN_FUNCTION(has_a_budget)

/// Fails until this process has seen it fail.
std::atomic<bool> may_succeed{false};

int give_at_last(int n) {
  if (!may_succeed) throw std::runtime_error("not yet");
  return n;
}
BANYAN_FUNCTION(give_at_last)

task<int> fails_at_first(context& ctx) {
  int sum = 0;
  for (const int n : {1, 2, 3}) {
    const future<int> good = ctx.spawn(give, n);
    sum += co_await good;
  }
  const future<int> last = ctx.spawn(give_at_last, 10);
  co_return sum + co_await last;
}
BANYAN_FUNCTION(fails_at_first)

/// Each has a place of the queue, and lends it to the next.
task<int> counts_down(context& ctx, int n) {
  if (n == 0) co_return 0;
  const banyan::options narrow{.queue = "narrow", .queue_key = "k"};
  const future<int> below = ctx.spawn(narrow, counts_down, n - 1);
  co_return n + co_await below;
}
BANYAN_FUNCTION(counts_down)

task<int> passes_place(context& ctx, int n) {
  const banyan::options narrow{.queue = "narrow", .queue_key = "k"};
  const future<int> below = ctx.spawn(narrow, counts_down, n);
  co_return co_await below;
}
BANYAN_FUNCTION(passes_place)

/// Its thread waits when its place is needed below it.
int blocks_in_place(context& ctx, int n) { return ctx.spawn(passes_place, n).get(); }
BANYAN_FUNCTION(blocks_in_place)

std::atomic<int> inside{0};

/// Its first attempt fails, and keeps the others out until the second one.
task<int> is_alone(context& ctx, int n) {
  const bool alone = inside++ == 0;
  co_await ctx.sleep(std::chrono::milliseconds(1));
  --inside;
  if (!alone) throw banyan::permanent_failure("somebody else is inside");
  if (ctx.attempt() == 1) throw std::runtime_error("once more");
  co_return n;
}
BANYAN_FUNCTION(is_alone)

task<int> waits_for_places(context& ctx) {
  const banyan::options narrow{.queue = "narrow", .queue_key = "k"};
  std::vector<future<int>> all{ctx.spawn(narrow, counts_down, 3), ctx.spawn(narrow, counts_down, 2)};
  const banyan::options blocking{.blocking = true, .queue = "narrow", .queue_key = "k"};
  all.push_back(ctx.spawn(blocking, blocks_in_place, 1));
  const banyan::options twice{.retry = {.max_attempts = 2, .first_delay = std::chrono::milliseconds(1)}};
  for (const int n : {10, 20, 30}) all.push_back(ctx.spawn(twice, banyan::critical_section("it", is_alone), n));
  int sum = 0;
  for (const int n : co_await banyan::all(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(waits_for_places)

task<int> debounces(context& ctx) {
  using namespace std::chrono_literals;
  const auto seldom = banyan::debounce(give, {.first = 5ms, .repeat = 50ms});
  std::vector<future<int>> all;
  for (const int n : {1, 2, 1, 2, 1}) all.push_back(ctx.spawn(seldom, n));
  int sum = 0;
  for (const int n : co_await banyan::all(all)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(debounces)

/// What was given to the tree that fails is there in each that replaces it.
int sum_of_second_try(banyan::runtime& rt, const std::string& name) {
  const future<int> f = rt.spawn({.id = name, .on_all_children_success = banyan::combine(1000, plus)}, waits_for_gifts);
  rt.adopt(f.key(), {.id = "good"}, sums_children);
  rt.adopt(f.key(), {.id = "bad"}, give_at_last, 10);
  future<int>(f.children().front()).set_value(0);
  f.wait_for(std::chrono::seconds(20));
  may_succeed = true;
  rt.wait_idle();
  const int sum = f.retry().get();
  rt.wait_idle();
  for (const auto& root : rt.roots()) {
    const future<int> one = rt.find<int>(root.key);
    // One that was begun by a process that was killed may have failed in the next one.
    if (one.status() != banyan::status::failure && one.get() != sum)
      throw banyan::permanent_failure("another result: " + one.to_json());
  }
  return sum;
}

int result_of(banyan::runtime& rt, const std::string& name, const fn<int()>& job) {
  if (job == fn<int()>(is_given_children)) return adopted_sum(rt, name);
  if (job == fn<int()>(waits_for_gifts)) return sum_of_second_try(rt, name);
  const future<int> f = rt.spawn({.id = name}, job);
  try {
    return f.get();
  } catch (const banyan::failure&) {
    may_succeed = true;
    rt.wait_idle();
    return f.retry().get();
  }
}

/// `source`: of those that map what is outside.
std::map<std::string, fn<int()>> jobs(const std::string& source) {
  using namespace banyan::test;
  return {
      {"as_completed", takes_as_completed},
      {"batches", takes_batches},
      {"wait", waits_for_some},
      {"deadline", waits_for_a_deadline},
      {"first_success", takes_the_first_success},
      {"gather", gathers_successes},
      {"timeout", runs_out_of_time},
      {"compose", composes},
      {"in_place", calls_in_place},
      {"handlers", is_told},
      {"retry", fails_at_first},
      {"signals", sends_signals},
      {"late_handlers", is_told_late},
      {"children_handlers", sums_children},
      {"map", banyan::bind(maps, false)},
      {"map_count", banyan::bind(maps, true)},
      {"map_items", maps_items},
      {"map_lines", banyan::bind(maps_lines, source)},
      {"map_entries", banyan::bind(maps_entries, source)},
      {"map_fields", banyan::bind(maps_fields, source)},
      {"queue", waits_for_places},
      {"debounce", debounces},
      {"adopt", is_given_children},
      {"adopt_retry", waits_for_gifts},
      {"budget", has_a_budget},
  };
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, banyan::overlap> schedules{{"every", banyan::overlap::allow},
                                                         {"every_queued", banyan::overlap::queue}};
  const auto all = jobs(argc > 3 ? argv[3] : "");
  if (argc < 3 || (!all.contains(argv[2]) && !schedules.contains(argv[2]))) return 2;
  banyan::runtime rt{{.store = argv[1],
                      .threads = 2,
                      .queues = {{"narrow", {.concurrency = 2, .key_concurrency = 1}}},
                      .log = [](banyan::log_level, std::string_view) {}}};
  const auto schedule = schedules.find(argv[2]);
  std::cout << (schedule == schedules.end() ? result_of(rt, argv[2], all.at(argv[2]))
                                            : banyan::test::count_runs(rt, schedule->second))
            << std::endl;
  rt.wait_idle();
}
