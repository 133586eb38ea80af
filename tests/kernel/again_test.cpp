#include <map>

#include "tests/kernel/kernel_fixture.hpp"
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
  wait_until([&] { return f.children().size() == 2; });
  f.cancel();
  rt().wait_idle();
  const auto again = f.retry();
  wait_until([&] { return again.children().size() == 2; });
  future<int>(again.children()[1]).set_value(5);
  EXPECT_EQ(again.get(), 6);
  EXPECT_THAT(runs_of({1}), ElementsAre(1));
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
  wait_until([&] { return f.children().size() == 2; });
  f.cancel();
  rt().wait_idle();
  const key k = f.retry().key();
  wait_until([&] { return rt().find_handle(k).children().size() == 2; });
  restart();
  const auto again = rt().find<int>(k);
  wait_until([&] { return again.children().size() == 2; });
  future<int>(again.children()[1]).set_value(5);
  EXPECT_EQ(again.get(), 6);
  EXPECT_THAT(runs_of({1}), ElementsAre(1));
}

}  // namespace
}  // namespace banyan::test
