#include <csignal>

#include "persistence/outside.hpp"
#include "tests/kernel/cluster_processes.hpp"
#include "tests/support/free_ports.hpp"

namespace banyan::test {
namespace {

/// What changes around a tree while it runs.
class ClusterChange : public ClusterProcesses {
 protected:
  std::vector<std::string> server_arguments() const override {
    return {"--appendonly", "yes", "--appendfsync", "always"};
  }
  std::vector<std::string> command(const std::string& name) const override {
    std::vector<std::string> words = ClusterProcesses::command(name);
    if (name == "b") words.push_back("127.0.0.1:" + std::to_string(port_));
    return words;
  }
  bool is_settled() const {
    const auto entry = store()->root(root_.family);
    return entry && entry->settled != 0;
  }

  const int port_ = free_ports(1).front();
};

TEST_F(ClusterChange, a_redis_that_is_killed_and_started_again_ends_no_tree) {
  begin();
  wait_for_the_moment();
  server_->kill();
  server_->start();
  expect_right_result();
  expect_all_ran();
}

TEST_F(ClusterChange, a_node_that_is_started_again_at_once_under_its_name_and_address_takes_part) {
  begin();
  wait_for_the_moment();
  node("b").kill();
  const std::set<std::string> before = finished();
  const std::size_t noted = notes_in(notes_).size();
  start("b");
  ASSERT_EQ(node("b").hear(), "ready");
  for (const char* name : {"a", "b", "c"}) node(name).say("meet 3");
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(node(name).hear(), "met") << name;
  expect_right_result();
  expect_none_again(before, noted);
  expect_all_ran();
}

TEST_F(ClusterChange, a_tree_is_cancelled_while_one_of_its_nodes_is_stopped) {
  begin();
  wait_for_the_moment();
  node("b").signal(SIGSTOP);
  const auto outside = detail::open_store(server_->url(), detail::open_mode::outside, "a test");
  EXPECT_TRUE(detail::cancel_from_outside(*outside, root_, 0).won);
  ASSERT_TRUE(wait_until([&] { return is_settled(); }, 60s));
  const std::size_t noted = notes_in(notes_).size();
  node("b").signal(SIGCONT);
  node("b").say("meet 3");
  EXPECT_EQ(node("b").hear(), "met");
  EXPECT_EQ(result()->outcome, status::cancelled);
  // What the stopped node was doing at that moment it may have ended.
  EXPECT_LE(notes_in(notes_).size(), noted + 16);
}

TEST_F(ClusterChange, nodes_that_come_and_go_under_a_tree_change_nothing) {
  begin();
  for (int i = 0; i == 0 || (i < 60 && !result()); ++i) {
    start("d");
    ASSERT_EQ(node("d").hear(), "ready");
    node("d").say("meet 4");
    ASSERT_EQ(node("d").hear(), "met");
    if (i % 2 == 0) {
      EXPECT_EQ(node("d").end(), 0);
    } else {
      node("d").kill();
    }
  }
  expect_right_result();
  expect_all_ran();
}

}  // namespace
}  // namespace banyan::test
