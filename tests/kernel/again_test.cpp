#include <map>
#include <thread>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What leaves did, and which of them fail now.
std::mutex leaves_mutex;
std::map<int, int> runs;
std::set<int> failing;

void forget_leaves(std::set<int> now_failing) {
  const std::lock_guard lock(leaves_mutex);
  runs.clear();
  failing = std::move(now_failing);
}
std::vector<int> runs_of(const std::vector<int>& leaves) {
  const std::lock_guard lock(leaves_mutex);
  std::vector<int> counts;
  for (const int n : leaves) counts.push_back(runs[n]);
  return counts;
}

int leaf(int n) {
  const std::lock_guard lock(leaves_mutex);
  ++runs[n];
  if (failing.contains(n)) throw std::runtime_error("leaf " + std::to_string(n));
  return n;
}
BANYAN_FUNCTION(leaf)

/// One leaf after the other, numbered as what spawned them was, and then some.
task<int> branch(context& ctx, int number) {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    const future<int> child = ctx.spawn(leaf, 10 * number + i);
    sum += co_await child;
  }
  co_return sum;
}
BANYAN_FUNCTION(branch)

task<int> row(context& ctx) {
  int sum = 0;
  for (int i = 0; i < 4; ++i) {
    const future<int> child = ctx.spawn(branch, i);
    sum += co_await child;
  }
  co_return sum;
}
BANYAN_FUNCTION(row)

task<int> wait_after_a_leaf(context& ctx) {
  const future<int> first = ctx.spawn(leaf, 1);
  const int n = co_await first;
  const future<int> word = ctx.promise<int>("word");
  co_return n + co_await word;
}
BANYAN_FUNCTION(wait_after_a_leaf)

std::atomic<bool> hand_works{false};
int hand() {
  if (!hand_works) throw std::runtime_error("not by hand");
  return 1;
}
BANYAN_FUNCTION(hand)

std::atomic<int> tries_of_handler{0};
void tries_again(future<int> f) {
  ++tries_of_handler;
  f.retry();
}
BANYAN_FUNCTION(tries_again)

std::atomic<gate*> leaving_gate{nullptr};
std::atomic<int> come_to_leave{0};
/// Ends only when it is let, whatever happens to it.
int leaves_late(int n) {
  ++come_to_leave;
  leaving_gate.load()->wait();
  return n;
}
BANYAN_FUNCTION(leaves_late)

task<int> waits_for_many(context& ctx) {
  std::vector<future<int>> words;
  for (int i = 0; i < 20; ++i) words.push_back(ctx.spawn(wait_after_a_leaf));
  const std::vector<int> found = co_await all(words);
  co_return static_cast<int>(found.size());
}
BANYAN_FUNCTION(waits_for_many)

task<int> waits_for_who_leaves_late(context& ctx) {
  const future<int> late = ctx.spawn(leaves_late, 1);
  co_return co_await late;
}
BANYAN_FUNCTION(waits_for_who_leaves_late)

void retries_inside(future<int> f) { f.retry(); }
BANYAN_FUNCTION(retries_inside)

constexpr int row_sum = 0 + 1 + 2 + 10 + 11 + 12 + 20 + 21 + 22 + 30 + 31 + 32;

class Again : public Kernel {
 protected:
  /// A row that failed at its sixth leaf.
  future<int> failed_row() {
    forget_leaves({12});
    const auto f = rt().spawn(row);
    f.wait_for(10s);
    rt().wait_idle();
    EXPECT_EQ(f.status(), status::failure);
    return f;
  }
};
BANYAN_OVER_EACH_STORE(Again);

TEST_P(Again, a_failed_tree_runs_again_from_its_failed_leaves) {
  const auto f = failed_row();
  {
    const std::lock_guard lock(leaves_mutex);
    failing.clear();
  }
  const future<int> again = f.retry();
  EXPECT_EQ(again.get(), row_sum);
  EXPECT_NE(again.key(), f.key());
  EXPECT_EQ(f.status(), status::failure);
  EXPECT_THAT(runs_of({0, 1, 2, 10, 11, 12, 20, 32}), ElementsAre(1, 1, 1, 1, 1, 2, 1, 1));
}

TEST_P(Again, what_fails_again_can_be_tried_once_more) {
  const auto once = failed_row().retry();
  EXPECT_THAT(message_of([&] { once.get(); }), HasSubstr("leaf 12"));
  rt().wait_idle();
  {
    const std::lock_guard lock(leaves_mutex);
    failing.clear();
  }
  EXPECT_EQ(once.retry().get(), row_sum);
  EXPECT_THAT(runs_of({0, 1, 2, 10, 11, 12}), ElementsAre(1, 1, 1, 1, 1, 3));
}

TEST_P(Again, a_cancelled_tree_runs_again) {
  forget_leaves({});
  const auto f = rt().spawn(wait_after_a_leaf);
  EXPECT_TRUE(wait_until([&] { return f.children().size() == 2; }));
  f.cancel();
  rt().wait_idle();
  const auto again = f.retry();
  EXPECT_TRUE(wait_until([&] { return again.children().size() == 2; }));
  future<int>(again.children()[1]).set_value(5);
  EXPECT_EQ(again.get(), 6);
  EXPECT_THAT(runs_of({1}), ElementsAre(1));
}

TEST_P(Again, a_tree_that_was_just_cancelled_is_awaited) {
  forget_leaves({});
  for (int i = 0; i < 5; ++i) {
    const auto f = rt().spawn(waits_for_many);
    EXPECT_TRUE(wait_until([&] { return f.children().size() == 20; }));
    f.cancel();
    const auto again = f.retry();
    for (const auto& child : f.children()) EXPECT_EQ(child.status(), status::cancelled);
    EXPECT_TRUE(wait_until([&] { return again.children().size() == 20; }));
    again.cancel();
  }
}

TEST_P(Again, what_a_cancelled_function_still_does_is_awaited) {
  gate leaving;
  leaving_gate = &leaving;
  come_to_leave = 0;
  const auto f = rt().spawn(waits_for_who_leaves_late);
  EXPECT_TRUE(wait_until([] { return come_to_leave == 1; }));
  f.cancel();
  EXPECT_EQ(code_of([&] { rt().spawn(retries_inside, f).get(); }), errc::would_block);
  std::atomic<bool> retried{false};
  std::optional<future<int>> again;
  std::thread retries([&] {
    again = f.retry();
    retried = true;
  });
  EXPECT_FALSE(retried);
  leaving.open();
  retries.join();
  EXPECT_EQ(again->get(), 1);
}

TEST_P(Again, a_handler_of_the_tree_itself_may_try_again) {
  hand_works = false;
  tries_of_handler = 0;
  const auto f = rt().spawn({.name = "first", .on_failure = tries_again}, hand);
  f.wait_for(10s);
  // The second one has the handler, too.
  EXPECT_TRUE(wait_until([&] { return tries_of_handler >= 2; }));
  hand_works = true;
  EXPECT_TRUE(wait_until([&] { return !rt().roots({.status = status::success, .function = "hand"}).empty(); }));
  const future_handle handler = f.handlers().at(0);
  EXPECT_EQ(handler.status(), status::success);
  EXPECT_THAT(handler.to_json(), HasSubstr("\"attempts\":1"));
}

TEST_P(Again, what_has_succeeded_or_has_no_result_or_is_no_root_is_not_tried_again) {
  forget_leaves({});
  const auto good = rt().spawn(leaf, 1);
  good.get();
  EXPECT_THAT(message_of([&] { good.retry(); }), HasSubstr("has succeeded"));
  const auto open = rt().spawn(wait_after_a_leaf);
  EXPECT_THAT(message_of([&] { open.retry(); }), HasSubstr("has no result yet"));
  const auto child = failed_row().children().at(1);
  EXPECT_THAT(message_of([&] { child.retry(); }), HasSubstr("is no root"));
  open.cancel();
}

TEST_P(Again, what_was_cancelled_before_it_began_can_be_run_again) {
  const auto later = rt().spawn({.start_after = 1h}, leaf, 1);
  EXPECT_TRUE(later.cancel());
  EXPECT_TRUE(wait_until([&] { return rt().roots().front().settled; }));
  EXPECT_THAT(later.to_json(), HasSubstr("\"settled\":true"));
  EXPECT_NO_THROW(later.retry().cancel());
}

TEST_P(Again, a_fork_shares_what_was_done_before_a_child) {
  forget_leaves({});
  const auto f = rt().spawn(row);
  const int sum = f.get();
  EXPECT_EQ(f.fork(f.children().at(2).key()).get(), sum);
  EXPECT_THAT(runs_of({0, 2, 10, 12, 20, 21, 22, 30, 32}), ElementsAre(1, 1, 1, 1, 2, 2, 2, 2, 2));
}

TEST_P(Again, a_second_try_of_a_fork_takes_nothing_from_beyond_it) {
  forget_leaves({});
  const auto f = rt().spawn(row);
  const int sum = f.get();
  {
    const std::lock_guard lock(leaves_mutex);
    failing = {22};
  }
  const auto forked = f.fork(f.children().at(2).key());
  EXPECT_THROW(forked.get(), failure);
  rt().wait_idle();
  {
    const std::lock_guard lock(leaves_mutex);
    failing.clear();
  }
  EXPECT_EQ(forked.retry().get(), sum);
  EXPECT_THAT(runs_of({0, 12, 20, 21, 22, 30, 32}), ElementsAre(1, 1, 2, 2, 3, 2, 2));
}

TEST_P(Again, a_fork_may_begin_far_below) {
  forget_leaves({});
  const auto f = rt().spawn(row);
  const int sum = f.get();
  const future_handle deep = f.children().at(1).children().at(2);
  const auto forked = f.fork(deep.key());
  EXPECT_EQ(forked.get(), sum);
  EXPECT_THAT(runs_of({0, 2, 10, 11, 12, 20, 32}), ElementsAre(1, 1, 1, 1, 2, 2, 2));
  EXPECT_EQ(forked.fork(forked.children().at(3).key()).get(), sum);
  EXPECT_THAT(runs_of({2, 11, 12, 20, 32}), ElementsAre(1, 1, 2, 2, 3));
}

TEST_P(Again, a_fork_from_elsewhere_is_refused) {
  forget_leaves({});
  const auto f = rt().spawn(row);
  const auto other = rt().spawn(row);
  f.get();
  other.get();
  EXPECT_THAT(message_of([&] { f.fork(other.children().at(0).key()); }), HasSubstr("is not below"));
  EXPECT_THAT(message_of([&] { f.children().at(0).fork(f.children().at(0).children().at(0).key()); }),
              HasSubstr("is no root"));
  EXPECT_EQ(code_of([&] { f.fork(key::parse("01J9ZK3V5N8Q2T4W6Y8A0C2E4G.3")); }), errc::not_found);
}

TEST_P(Again, a_second_try_outlives_the_program) {
  if (GetParam() == "memory") GTEST_SKIP() << "nothing outlives the runtime";
  forget_leaves({});
  const auto f = rt().spawn(wait_after_a_leaf);
  EXPECT_TRUE(wait_until([&] { return f.children().size() == 2; }));
  f.cancel();
  rt().wait_idle();
  const key k = f.retry().key();
  EXPECT_TRUE(wait_until([&] { return rt().find_handle(k).children().size() == 2; }));
  restart();
  const auto again = rt().find<int>(k);
  EXPECT_TRUE(wait_until([&] { return again.children().size() == 2; }));
  future<int>(again.children()[1]).set_value(5);
  EXPECT_EQ(again.get(), 6);
  EXPECT_THAT(runs_of({1}), ElementsAre(1));
}

}  // namespace
}  // namespace banyan::test
