#include "tests/kernel/cluster_processes.hpp"

namespace banyan::test {
namespace {

/// Nodes that are killed while futures on them send each other signals.
class ClusterTalkKill : public ClusterProcesses {
 protected:
  static constexpr long pairs = 30;
  static constexpr long numbers = 100;

  std::string order(const std::string& id) const override {
    return "talk " + id + " " + std::to_string(pairs) + " " + std::to_string(numbers);
  }

  void kill_and_expect(const std::vector<std::string>& victims) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      wait_for_the_moment(pairs * numbers / 10);
      kill(victims);
      expect_result(pairs * numbers * (numbers - 1) / 2);
    }
  }
};

TEST_F(ClusterTalkKill, of_one_node_loses_and_doubles_no_signal) { kill_and_expect({"b"}); }

TEST_F(ClusterTalkKill, of_two_with_the_root_loses_and_doubles_no_signal) { kill_and_expect({"a", "c"}); }

}  // namespace
}  // namespace banyan::test
