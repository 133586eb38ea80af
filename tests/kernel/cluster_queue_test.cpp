#include <algorithm>
#include <sstream>

#include "tests/kernel/cluster_processes.hpp"

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

}  // namespace
}  // namespace banyan::test
