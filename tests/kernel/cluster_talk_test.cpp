#include <csignal>

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
      const std::size_t wanted = random_() % (pairs * numbers / 10 * 9 / 10);
      ASSERT_TRUE(wait_until([&] { return notes_in(notes_).size() >= wanted; }, 60s));
      for (const std::string& name : victims) node(name).signal(SIGKILL);
      for (const std::string& name : victims) node(name).kill();
      ASSERT_TRUE(wait_until([&] { return result().has_value(); }, 120s)) << "no result";
      const detail::result_record r = *result();
      ASSERT_EQ(r.outcome, status::success) << r.failure.message;
      EXPECT_EQ(detail::decode<long>(r.value, "the result"), pairs * numbers * (numbers - 1) / 2);
    }
  }
};

TEST_F(ClusterTalkKill, of_one_node_loses_and_doubles_no_signal) { kill_and_expect({"b"}); }

TEST_F(ClusterTalkKill, of_two_with_the_root_loses_and_doubles_no_signal) { kill_and_expect({"a", "c"}); }

}  // namespace
}  // namespace banyan::test
