#include "tests/kernel/cluster_processes.hpp"
#include "tests/kernel/cluster_work.hpp"

/// Schedules over several nodes.
namespace banyan::test {
namespace {

using testing::Each;
using testing::SizeIs;

std::int64_t tells_a_time(context& ctx) { return ctx.scheduled_at().time_since_epoch() / 1ms; }
BANYAN_FUNCTION_AS(tells_a_time, "cluster_every/tells_a_time")

int tells_its_place() { return static_cast<int>(runs_on()); }
BANYAN_FUNCTION_AS(tells_its_place, "cluster_every/tells_its_place")

TEST_F(Cluster, a_schedule_goes_on_where_its_node_leaves) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const every_options opts{.id = "x", .overlap = overlap::queue, .catch_up = catch_up::all, .times = 100};
  const key k = node("a").every(opts, interval(20ms), tells_a_time).key();
  const auto started = [&](const char* name) {
    return node(name).find_handle(k).published<recurrence>().value_or(recurrence{}).started;
  };
  ASSERT_TRUE(wait_until([&] { return started("b") >= 5; }));
  stop("a");
  const recurrence r = node("b").find<recurrence>(k).get_for(60s);
  EXPECT_EQ(r.started, 100u);
  EXPECT_EQ(r.missed, 0u);
  std::vector<std::int64_t> times;
  for (const root_info& run : node("b").roots({.function = "cluster_every/tells_a_time"})) {
    times.push_back(node("b").find<std::int64_t>(run.key).get_for(20s));
  }
  std::ranges::sort(times);
  EXPECT_THAT(times, SizeIs(100));
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_EQ(times[i] - times[i - 1], 20);
}

TEST_F(Cluster, a_schedule_is_one_whichever_node_asks_for_it) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const every_options opts{.id = "x", .overlap = overlap::allow, .catch_up = catch_up::all, .times = 5};
  std::vector<std::thread> threads;
  for (const char* name : {"a", "b"}) {
    threads.emplace_back([&, name] { node(name).every(opts, interval(50ms), tells_a_time); });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(node("b").find<recurrence>(runtime::key_of("x")).get_for(20s).started, 5u);
  EXPECT_THAT(node("a").roots({.function = "cluster_every/tells_a_time"}), SizeIs(5));
}

/// Runs where there is a node for them.
TEST_F(Cluster, a_schedule_places_its_runs) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  every_options opts{.id = "x", .overlap = overlap::queue, .times = 3};
  opts.run.placement = placement::on("b");
  const auto f = node("a").every(opts, interval(20ms), tells_its_place);
  EXPECT_EQ(f.get_for(20s).started, 3u);
  std::vector<int> places;
  for (const root_info& run : node("a").roots({.function = "cluster_every/tells_its_place"})) {
    places.push_back(node("a").find<int>(run.key).get_for(20s));
  }
  EXPECT_THAT(places, testing::AllOf(SizeIs(3), Each(static_cast<int>(node("b").engine()->id()))));
}

class ClusterEvery : public ClusterProcesses {
 protected:
  static constexpr std::size_t times = 60;
  static constexpr int length_ms = 25;

  std::string order(const std::string& id) const override {
    return "every " + id + " " + std::to_string(times) + " " + std::to_string(length_ms);
  }

  std::size_t count_runs() const {
    const auto s = store();
    std::size_t count = 0;
    for (const detail::root_entry& root : s->roots(false)) {
      const auto r = s->load({root.family, 0});
      count += r && detail::decode_entry(r->spec).spec.function == "notes_its_time";
    }
    return count;
  }

  void kill_and_expect_each_time(const std::vector<std::string>& victims) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      wait_for_the_moment(times);
      kill(victims);
      if (victims.size() == nodes_.size()) {
        for (const std::string& name : victims) start(name);
      }
      ASSERT_TRUE(wait_until([&] { return result().has_value(); }, 120s)) << "no result";
      ASSERT_EQ(result()->outcome, status::success) << result()->failure.message;
      const auto last = detail::decode<recurrence>(result()->value, "the result");
      EXPECT_EQ(last.started, times);
      EXPECT_EQ(last.missed, 0u);
      expect_in_step();
      EXPECT_EQ(count_runs(), times) << "one root for each time";
    }
  }

  /// A function may run twice; all times are there, and no others.
  void expect_in_step() {
    const auto noted = [&] {
      const auto lines = notes_in(notes_);
      return std::set<std::string>(lines.begin(), lines.end());
    };
    EXPECT_TRUE(wait_until([&] { return noted().size() >= times; }, 60s));
    const std::set<std::string> lines = noted();
    EXPECT_THAT(lines, SizeIs(times));
    std::vector<std::int64_t> steps;
    for (auto it = std::next(lines.begin()); it != lines.end(); ++it) {
      steps.push_back(std::stoll(*it) - std::stoll(*std::prev(it)));
    }
    EXPECT_THAT(steps, Each(length_ms));
  }
};

TEST_F(ClusterEvery, keeps_its_times_when_its_node_is_killed) { kill_and_expect_each_time({"a"}); }

TEST_F(ClusterEvery, keeps_its_times_when_its_node_and_another_are_killed) { kill_and_expect_each_time({"a", "b"}); }

TEST_F(ClusterEvery, keeps_its_times_when_all_nodes_are_killed) { kill_and_expect_each_time({"a", "b", "c"}); }

}  // namespace
}  // namespace banyan::test
