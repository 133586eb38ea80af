#include <thread>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

std::atomic<runtime*> current{nullptr};
std::atomic<int> begun{0};
std::atomic<int> caught{0};
std::atomic<int> left{0};

struct counts_leaving {
  counts_leaving() = default;
  ~counts_leaving() { ++left; }
  counts_leaving(const counts_leaving&) = delete;
  counts_leaving& operator=(const counts_leaving&) = delete;
};

int begun_in_a_step(int n) { return n; }
BANYAN_FUNCTION(begun_in_a_step)

/// What it does with the runtime in its first run, that runtime is being shut down.
task<int> calls_the_runtime_in_a_step(context& ctx, bool throws_cancelled) {
  const counts_leaving here;
  bool failed = false;
  const auto begin = [&] {
    if (++begun == 1) {
      while (!ctx.cancelled()) std::this_thread::yield();
      if (throws_cancelled) ctx.check_cancelled();
    }
    // The next runtime resumes it before there is a name for that.
    while (!current) std::this_thread::yield();
    return current.load()->spawn({.id = "begun"}, begun_in_a_step, 3).key();
  };
  key k;
  try {
    k = co_await ctx.run("begin", begin);
  } catch (const std::exception&) {
    failed = true;
  }
  if (failed) {
    ++caught;
    co_return co_await ctx.spawn(begun_in_a_step, -1);
  }
  const auto f = ctx.attach<int>(k);
  co_return co_await f;
}
BANYAN_FUNCTION(calls_the_runtime_in_a_step)

class StepAtTheEnd : public Kernel {
 protected:
  StepAtTheEnd() { begun = caught = left = 0; }

  void expect_to_go_on(bool throws_cancelled) {
    current = &rt();
    const key k = rt().spawn(calls_the_runtime_in_a_step, throws_cancelled).key();
    ASSERT_TRUE(wait_until([] { return begun == 1; }));
    rt().shutdown();
    EXPECT_EQ(left, 1);
    EXPECT_EQ(caught, 0) << "only destructors run";
    current = nullptr;
    stop();
    if (GetParam() == "memory") return;
    current = &rt();
    EXPECT_EQ(rt().find<int>(k).get_for(20s), 3);
    EXPECT_EQ(begun, 2);
    EXPECT_EQ(caught, 0);
  }
};

TEST_P(StepAtTheEnd, that_meets_the_end_of_the_runtime_is_not_over) { expect_to_go_on(false); }

TEST_P(StepAtTheEnd, that_looks_whether_it_is_to_stop_is_not_over) { expect_to_go_on(true); }

BANYAN_OVER_EACH_STORE(StepAtTheEnd);

}  // namespace
}  // namespace banyan::test
