#include <algorithm>
#include <sstream>

#include "tests/kernel/cluster_processes.hpp"
#include "tests/kernel/cluster_work.hpp"

namespace banyan::test {
namespace {

/// Nodes whose futures have places in the same queues.
class ClusterQueue : public ClusterProcesses {
 protected:
  static constexpr long count = 100;
  static constexpr long results = 2 * count + count / 10;

  std::string order(const std::string& id) const override { return "turn " + id + " " + std::to_string(count); }

  struct stay {
    std::uint64_t number = 0;
    std::size_t came = 0;
    std::optional<std::size_t> left;
  };

  /// Who was in a queue, by the order in which they came.
  std::vector<stay> stays(const std::string& queue) const {
    std::vector<stay> found;
    const auto lines = notes_in(notes_);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::istringstream words(lines[i]);
      std::string where;
      std::string way;
      std::uint64_t number = 0;
      words >> where >> way >> number;
      if (where != queue) continue;
      if (way == "in") {
        found.push_back({number, i, std::nullopt});
      } else if (const auto it = std::ranges::find(found, number, &stay::number); it != found.end()) {
        it->left = i;
      } else {
        ADD_FAILURE() << number << " left before it came";
      }
    }
    return found;
  }

  /// The most that were in it at a time, those left out who never left: they were killed.
  static std::size_t most_at_a_time(const std::vector<stay>& all) {
    std::size_t most = 0;
    for (const stay& s : all) {
      if (!s.left) continue;
      const auto there = [&](const stay& o) { return o.left && o.came <= s.came && *o.left > s.came; };
      most = std::max(most, static_cast<std::size_t>(std::ranges::count_if(all, there)));
    }
    return most;
  }

  void expect_turns() {
    const auto alone = stays("one");
    EXPECT_EQ(most_at_a_time(alone), 1u);
    EXPECT_TRUE(std::ranges::is_sorted(alone, {}, &stay::number)) << "each turn has a larger number";
    EXPECT_LE(most_at_a_time(stays("two")), 2u);
    EXPECT_LE(most_at_a_time(stays("lent")), 1u);
  }

  void kill_and_expect(const std::vector<std::string>& victims) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      wait_for_the_moment(4 * count);
      kill(victims);
      expect_result(results);
      expect_turns();
    }
  }
};

TEST_F(ClusterQueue, holds_its_limits_over_all_nodes) {
  begin();
  expect_result(results);
  expect_turns();
  EXPECT_EQ(stays("one").size(), static_cast<std::size_t>(count)) << "each had one turn";
}

TEST_F(ClusterQueue, gives_the_places_of_a_killed_node_to_others) { kill_and_expect({"b"}); }

TEST_F(ClusterQueue, gives_the_places_of_two_killed_nodes_with_the_root_to_the_last) { kill_and_expect({"a", "c"}); }

std::atomic<std::uint32_t> late_on{0};

task<int> waits_in_queue(context& ctx, bool late) {
  if (!late) late_on = runs_on();
  co_return co_await ctx.receive<int>("number");
}
BANYAN_FUNCTION(waits_in_queue)

TEST_F(Cluster, roots_of_a_queue_wait_for_a_node_that_has_it) {
  node("a");
  runtime_options with_queue = options_of("c");
  with_queue.queues = {{"late", {.concurrency = 1}}};
  runtime& c = start(with_queue);
  ASSERT_TRUE(await_connections());
  const key of_queue = c.spawn({.queue = "late"}, waits_in_queue, true).key();
  const key other = c.spawn(waits_in_queue, false).key();
  ASSERT_TRUE(wait_until([&] { return c.find<int>(of_queue).status() == status::waiting && late_on != 0; }));
  late_on = 0;
  stop("c");
  // Whoever takes the one looks at the other one, too.
  ASSERT_TRUE(wait_until([&] { return late_on == node("a").engine()->id(); }));
  EXPECT_THAT(node("a").find<int>(of_queue).to_json(), testing::Not(testing::HasSubstr("unknown_queue")));
  EXPECT_TRUE(start(with_queue).find<int>(of_queue).send("number", 5));
  EXPECT_EQ(node("a").find<int>(of_queue).get_for(20s), 5);
  EXPECT_TRUE(node("a").find<int>(other).send("number", 6));
  EXPECT_EQ(node("a").find<int>(other).get_for(20s), 6);
}

}  // namespace
}  // namespace banyan::test
