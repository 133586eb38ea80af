#include <optional>

#include "actors/actor_host.hpp"
#include "actors/future_cell.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

std::atomic<int> frames{0};

/// A moment in the work: functions have passed so many points of theirs.
std::atomic<int> points{0};
std::atomic<int> awaited_point{0};
std::optional<gate> passed;

void pass() {
  if (++points == awaited_point) passed->open();
}

/// A local of a coroutine; all are gone when all frames are.
struct counted_local {
  counted_local() { ++frames; }
  ~counted_local() { --frames; }
  counted_local(const counted_local&) = delete;
  counted_local& operator=(const counted_local&) = delete;
};

task<int> wide(context& ctx, int depth) {
  const counted_local here;
  pass();
  if (depth == 0) co_return 1;
  co_await ctx.run("step", pass);
  pass();
  std::vector<future<int>> children;
  for (int i = 0; i < 6; ++i) children.push_back(ctx.spawn(wide, depth - 1));
  pass();
  co_await ctx.sleep(1ms);
  pass();
  int sum = 0;
  for (const auto& child : children) sum += co_await child;
  pass();
  co_return sum;
}
BANYAN_FUNCTION(wide)

int blocks_on_a_child(context& ctx) { return ctx.spawn(wide, 2).get(); }
BANYAN_FUNCTION(blocks_on_a_child)

task<int> mixed(context& ctx) {
  const counted_local here;
  const auto a = ctx.spawn(wide, 3);
  const auto b = ctx.spawn({.blocking = true}, blocks_on_a_child);
  const auto c = ctx.spawn({.start_after = 3ms}, wide, 1);
  const int left = co_await a;
  const int middle = co_await b;
  co_return left + middle + co_await c;
}
BANYAN_FUNCTION(mixed)
constexpr int mixed_result = 216 + 36 + 6;

task<int> waits_for_ever(context& ctx) {
  const counted_local here;
  co_await ctx.sleep(1h);
  co_return co_await ctx.promise<int>("never");
}
BANYAN_FUNCTION(waits_for_ever)

task<int> blocks_for_ever(context& ctx) {
  const counted_local here;
  co_return co_await ctx.spawn(waits_for_ever);
}
BANYAN_FUNCTION(blocks_for_ever)

int gets_for_ever(context& ctx) { return ctx.spawn(waits_for_ever).get(); }
BANYAN_FUNCTION(gets_for_ever)

int loops_for_ever(context& ctx) {
  for (;;) ctx.check_cancelled();
}
BANYAN_FUNCTION(loops_for_ever)

void leaf_with(std::string) {}
BANYAN_FUNCTION(leaf_with)

void spawns_more_than_is_let_in(context& ctx) {
  for (int i = 0; i < 100; ++i) ctx.spawn(leaf_with, std::string(100'000, 'x'));
}
BANYAN_FUNCTION(spawns_more_than_is_let_in)

void expect_nothing_left() {
  EXPECT_EQ(detail::live_cells(), 0u);
  EXPECT_EQ(detail::live_actors(), 0u);
  EXPECT_EQ(frames, 0);
}

class Shutdown : public Restart {};

TEST_F(Shutdown, under_load_a_hundred_times_loses_nothing) {
  constexpr int longest_way = 100;
  std::mt19937_64 random(random_seed());
  std::vector<key> jobs;
  for (int round = 0; round < 100; ++round) {
    passed.emplace();
    const int way = static_cast<int>(random() % longest_way);
    awaited_point = points + way;
    if (round % 10 == 0) jobs.push_back(rt().spawn(mixed).key());
    rt();
    // There may be less left to do.
    if (way > 0) static_cast<void>(passed->wait(20ms));
    stop();
    expect_nothing_left();
  }
  for (const key& k : jobs) EXPECT_EQ(rt().find<int>(k).get_for(60s), mixed_result);
  rt().wait_idle();
  for (const auto& root : rt().roots()) EXPECT_TRUE(root.settled);
  stop();
  expect_nothing_left();
}

class ShutdownOf : public Kernel {};
BANYAN_OVER_EACH_STORE(ShutdownOf);

TEST_P(ShutdownOf, what_is_suspended_frees_its_frames) {
  for (int i = 0; i < 20; ++i) rt().spawn(blocks_for_ever);
  ASSERT_TRUE(wait_until([] { return frames == 40; }));
  stop();
  expect_nothing_left();
}

TEST_P(ShutdownOf, what_is_cancelled_frees_its_frames_before) {
  const auto job = rt().spawn(blocks_for_ever);
  ASSERT_TRUE(wait_until([] { return frames == 2; }));
  job.cancel();
  EXPECT_TRUE(wait_until([] { return frames == 0 && detail::live_cells() == 0 && detail::live_actors() == 0; }));
}

TEST_P(ShutdownOf, what_is_finished_frees_its_frames_before) {
  EXPECT_EQ(rt().spawn(wide, 3).get(), 216);
  EXPECT_TRUE(wait_until([] { return frames == 0 && detail::live_cells() == 0 && detail::live_actors() == 0; }));
}

TEST_P(ShutdownOf, a_loop_that_looks_whether_it_is_cancelled_ends) {
  rt().spawn(loops_for_ever);
  rt().spawn({.blocking = true}, loops_for_ever);
  ASSERT_TRUE(wait_until([] { return detail::live_cells() == 2; }));
  stop();
  expect_nothing_left();
}

TEST_P(ShutdownOf, who_waits_is_told_that_it_stopped) {
  const auto job = rt().spawn(blocks_for_ever);
  std::optional<errc> seen;
  std::thread waiter([&] { seen = code_of([&] { job.get(); }); });
  ASSERT_TRUE(wait_until([] { return frames == 2; }));
  rt().shutdown();
  waiter.join();
  EXPECT_EQ(seen, errc::stopped);
  EXPECT_EQ(code_of([&] { job.status(); }), errc::stopped);
  EXPECT_EQ(code_of([&] { rt().spawn(wide, 0); }), errc::stopped);
  EXPECT_EQ(code_of([&] { rt().find<int>(job.key()); }), errc::stopped);
  EXPECT_EQ(code_of([&] { rt().roots(); }), errc::stopped);
  EXPECT_EQ(code_of([&] { rt().forget(job.key()); }), errc::stopped);
  EXPECT_EQ(code_of([&] { rt().collect_garbage(); }), errc::stopped);
  rt().shutdown();
}

TEST_P(ShutdownOf, spawns_that_race_with_it_either_count_or_throw) {
  for (int round = 0; round < 30; ++round) {
    runtime& r = rt();
    std::atomic<int> spawned{0};
    std::thread spawner([&] {
      try {
        for (;;) {
          r.spawn(wide, 1);
          ++spawned;
        }
      } catch (const error& e) {
        EXPECT_EQ(e.code(), errc::stopped) << e.what();
      }
    });
    ASSERT_TRUE(wait_until([&] { return spawned > round % 7; }));
    r.shutdown();
    spawner.join();
    stop();
    expect_nothing_left();
  }
}

TEST_P(ShutdownOf, a_store_that_stays_full_lets_go_who_waits_in_it) {
  options.store = "fault+" + url + "?fail_from=2";
  options.limits.max_in_flight = 1'000'000;
  const key k = rt().spawn(spawns_more_than_is_let_in).key();
  ASSERT_TRUE(wait_until([&] { return log.contains("wait and are tried again"); }));
  EXPECT_EQ(rt().find<void>(k).status(), status::running);
  std::optional<errc> seen;
  std::thread waiter([&] { seen = code_of([&] { rt().forget(k); }); });
  rt().shutdown();
  waiter.join();
  // In memory it does not wait: who submitted what is not done is still inside.
  EXPECT_TRUE(seen == errc::stopped || (GetParam() == "memory" && seen == errc::invalid_argument));
  stop();
  expect_nothing_left();
}

TEST_F(Shutdown, fails_no_function_that_blocks_in_get) {
  const key k = rt().spawn({.blocking = true}, gets_for_ever).key();
  ASSERT_TRUE(wait_until([] { return frames == 1; }));
  restart();
  const auto job = rt().find<int>(k);
  EXPECT_FALSE(job.ready());
  ASSERT_TRUE(wait_until([] { return frames == 1; }));
  rt().find<int>(job.children()[0].key()).set_value(4);
  EXPECT_EQ(job.get(), 4);
}

TEST_P(ShutdownOf, two_runtimes_in_one_process_live_on_their_own) {
  const auto here = rt().spawn(wide, 2);
  runtime other{{.threads = 1}};
  const auto there = other.spawn(wide, 1);
  EXPECT_EQ(there.get(), 6);
  EXPECT_EQ(code_of([&] { other.find<int>(here.key()); }), errc::not_found);
  other.shutdown();
  EXPECT_EQ(here.get(), 36);
}

}  // namespace
}  // namespace banyan::test
