#include "tests/kernel/kernel_fixture.hpp"
#include "tests/kernel/map_sources.hpp"
#include "tests/unit/thrown.hpp"

/// What another attempt, or a tree that is run again, keeps of what was there, and what it does anew.
namespace banyan::test {
namespace {

std::atomic<int> tries{0};
std::atomic<int> calls{0};
std::atomic<bool> mended{false};

int is_slow_until_mended(context& ctx) {
  while (!mended) ctx.check_cancelled();
  return 7;
}
BANYAN_FUNCTION(is_slow_until_mended)

task<int> limits_a_child(context& ctx) {
  if (++tries > 1) mended = true;
  const auto f = ctx.spawn({.blocking = true}, is_slow_until_mended);
  co_return co_await with_timeout(f, 50ms);
}
BANYAN_FUNCTION(limits_a_child)

/// Tells whether a signal came in time, and fails where none did.
task<int> waits_for_word(context& ctx) {
  const auto word = co_await ctx.receive_for<int>("word", ++tries > 1 ? 60s : 10ms);
  if (!word) throw std::runtime_error("no word");
  co_return *word;
}
BANYAN_FUNCTION(waits_for_word)

/// Fails in its first attempt, in a child beside one that sleeps.
task<int> sleeps_for_long_at_first(context& ctx) {
  co_await ctx.sleep(++tries == 1 ? 1h : 1ms);
  co_return 1;
}
BANYAN_FUNCTION(sleeps_for_long_at_first)

int counts_calls(int n) {
  ++calls;
  return n;
}
BANYAN_FUNCTION(counts_calls)

task<int> adds_to(context&, future<int> of, int n) {
  ++calls;
  co_return n + co_await of;
}
BANYAN_FUNCTION(adds_to)

int fails_until_mended(int n) {
  if (!mended) throw std::runtime_error("not mended");
  return n;
}
BANYAN_FUNCTION(fails_until_mended)

/// A child that is given another one, and one that fails behind them.
task<int> passes_a_child_on(context& ctx) {
  const auto one = ctx.spawn(counts_calls, 1);
  const auto both = ctx.spawn(adds_to, one, 10);
  const int sum = co_await both;
  const auto last = ctx.spawn(fails_until_mended, 100);
  co_return sum + co_await last;
}
BANYAN_FUNCTION(passes_a_child_on)

/// Its first child fails; another is given that one, and makes something of it.
task<int> makes_something_of(context&, future<int> of) {
  ++calls;
  try {
    co_return co_await of;
  } catch (const failure&) {
    co_return -1;
  }
}
BANYAN_FUNCTION(makes_something_of)

task<int> passes_on_what_fails(context& ctx) {
  const auto bad = ctx.spawn({.on_parent_done = on_parent_done::detach}, fails_until_mended, 1);
  const auto made = ctx.spawn(makes_something_of, bad);
  const int seen = co_await made;
  const auto last = ctx.spawn(fails_until_mended, 100);
  co_return seen + co_await last;
}
BANYAN_FUNCTION(passes_on_what_fails)

/// One page is bad until it is mended: when all others were mapped.
std::atomic<int> all_pages{0};
std::uint64_t counts_page(const std::vector<std::uint64_t>& page) {
  ++calls;
  if (page.front() == 0 && !mended) {
    EXPECT_TRUE(wait_until([] { return calls == all_pages; }));
    throw std::runtime_error("a bad page");
  }
  return page.size();
}
BANYAN_FUNCTION(counts_page)

class TakenOver : public Kernel {
 protected:
  TakenOver() {
    tries = calls = 0;
    mended = false;
  }
  /// Waits until it may be run again.
  template <class F>
  F again(const F& f) {
    rt().wait_idle();
    return f.retry();
  }
};

TEST_P(TakenOver, a_limit_of_time_begins_anew) {
  const auto f = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms, .child_failures = true}}, limits_a_child);
  EXPECT_EQ(f.get_for(20s), 7);
  EXPECT_EQ(tries, 2);
}

TEST_P(TakenOver, who_waited_for_a_signal_in_vain_waits_again) {
  const auto f = rt().spawn(waits_for_word);
  EXPECT_THROW(f.get_for(20s), failure);
  const auto second = again(f);
  ASSERT_TRUE(wait_until([&] { return second.status() == status::waiting; }));
  EXPECT_TRUE(second.send("word", 5));
  EXPECT_EQ(second.get_for(20s), 5);
}

TEST_P(TakenOver, a_sleep_that_was_not_over_begins_anew) {
  const auto f = rt().spawn(sleeps_for_long_at_first);
  ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  EXPECT_TRUE(f.cancel());
  EXPECT_EQ(again(f).get_for(20s), 1);
}

TEST_P(TakenOver, a_child_that_was_given_its_sibling_is_kept_with_it) {
  auto f = rt().spawn(passes_a_child_on);
  EXPECT_THROW(f.get_for(20s), failure);
  EXPECT_EQ(calls, 2);
  f = again(f);
  EXPECT_THROW(f.get_for(20s), failure);
  mended = true;
  f = again(f);
  EXPECT_EQ(f.get_for(20s), 111);
  EXPECT_EQ(calls, 2) << "both had succeeded";
}

TEST_P(TakenOver, a_child_that_was_given_a_sibling_that_failed_runs_again) {
  const auto f = rt().spawn(passes_on_what_fails);
  EXPECT_THROW(f.get_for(20s), failure);
  mended = true;
  EXPECT_EQ(again(f).get_for(20s), 101);
  EXPECT_EQ(calls, 2);
}

TEST_P(TakenOver, pages_that_were_mapped_are_not_mapped_again) {
  for (const bool count_first : {false, true}) {
    const map_options opts{.page_size = 10, .shards = 4, .count_first = count_first};
    const auto map = for_each_page(numbers{0, 400}, counts_page, opts);
    mended = true;
    calls = 0;
    rt().spawn(map).get_for(20s);
    all_pages = calls.load();
    mended = false;
    calls = 0;
    const auto f = rt().spawn(map);
    EXPECT_THROW(f.get_for(20s), failure);
    mended = true;
    EXPECT_EQ(again(f).get_for(20s), 400u);
    // The last ones of the others may have been cancelled before their results were there.
    EXPECT_LE(calls, all_pages + 1 + static_cast<int>(options.threads)) << count_first;
  }
}

BANYAN_OVER_EACH_STORE(TakenOver);

class TakenOverAfterARestart : public TakenOver {};

TEST_P(TakenOverAfterARestart, what_was_given_its_sibling_is_met_again) {
  auto f = rt().spawn(passes_a_child_on);
  EXPECT_THROW(f.get_for(20s), failure);
  f = again(f);
  EXPECT_THROW(f.get_for(20s), failure);
  rt().wait_idle();
  const key k = f.key();
  restart();
  mended = true;
  EXPECT_EQ(again(rt().find<int>(k)).get_for(20s), 111);
  EXPECT_EQ(calls, 2);
}

BANYAN_OVER_SHARED_STORES(TakenOverAfterARestart);

}  // namespace
}  // namespace banyan::test
