#include <map>
#include <mutex>

#include "actors/engine.hpp"
#include "tests/kernel/cluster_fixture.hpp"

namespace banyan::test {
namespace {

/// How often each child ran, and what holds them back.
struct work {
  std::mutex mutex;
  std::map<int, int> runs;
  gate go_on;

  std::size_t begun() {
    const std::lock_guard lock(mutex);
    return runs.size();
  }
};
work* current = nullptr;

int waits_to_go_on(int number) {
  {
    const std::lock_guard lock(current->mutex);
    ++current->runs[number];
  }
  EXPECT_TRUE(current->go_on.wait());
  return number;
}
BANYAN_FUNCTION(waits_to_go_on)

task<int> has_many_wait(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) {
    children.push_back(ctx.spawn({.blocking = true, .placement = placement::spread()}, waits_to_go_on, i));
  }
  int sum = 0;
  for (const int n : co_await all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(has_many_wait)

class ClusterDrain : public Cluster {
 protected:
  ClusterDrain() { current = &work_; }

  void start_with_room_for_one(const std::string& name) {
    runtime_options o = options_of(name);
    o.limits.max_blocking = 1;
    start(std::move(o));
  }
  std::size_t queued(const std::string& name) { return node(name).engine()->gate().current_load().queued; }

  work work_;
};

TEST_F(ClusterDrain, gives_back_what_has_not_started_and_nothing_runs_twice) {
  constexpr int count = 20;
  start_with_room_for_one("a");
  start_with_room_for_one("b");
  ASSERT_TRUE(await_connections());
  const auto job = node("a").spawn(has_many_wait, count);
  ASSERT_TRUE(wait_until([&] { return work_.begun() == 2 && queued("b") > 0; }));
  ASSERT_TRUE(node("a").engine()->data().backend().cluster()->set_draining("b", true));
  EXPECT_TRUE(wait_until([&] { return queued("b") == 0; }));
  work_.go_on.open();
  EXPECT_EQ(job.get_for(30s), count * (count - 1) / 2);
  for (const auto& [number, times] : work_.runs) EXPECT_EQ(times, 1) << "child " << number;
  EXPECT_EQ(work_.runs.size(), static_cast<std::size_t>(count));
}

}  // namespace
}  // namespace banyan::test
