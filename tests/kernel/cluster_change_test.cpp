#include <unistd.h>

#include <csignal>

#include "persistence/outside.hpp"
#include "tests/kernel/cluster_processes.hpp"
#include "tests/support/free_ports.hpp"
#include "tests/support/sanitized.hpp"

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

  /// Begins another tree whenever one has its result, until then. False if that went wrong.
  bool keep_busy_until(std::chrono::steady_clock::time_point end) {
    while (std::chrono::steady_clock::now() < end) {
      if (!wait_until([&] { return result() || std::chrono::steady_clock::now() >= end; }, 120s)) return false;
      if (!result()) continue;
      expect_right_result();
      spawn("job" + std::to_string(spawned_));
      if (HasFatalFailure()) return false;
    }
    return true;
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

TEST_F(ClusterChange, a_node_ends_while_another_is_stopped) {
  begin();
  wait_for_the_moment();
  node("b").signal(SIGSTOP);
  EXPECT_EQ(node("a").end(), 0);
  node("b").signal(SIGCONT);
  expect_right_result();
  expect_all_ran();
}

TEST_F(ClusterChange, nodes_that_come_and_go_under_trees_change_nothing) {
  // Every two seconds for two minutes, as the whole measure.
  const int visits = rounds() == 1 ? 3 : 60;
  constexpr std::chrono::seconds a_visit_takes{2};
  begin();
  const auto beginning = std::chrono::steady_clock::now();
  for (int i = 0; i < visits && !HasFatalFailure(); ++i) {
    start("d");
    ASSERT_EQ(node("d").hear(), "ready");
    node("d").say("meet 4");
    ASSERT_EQ(node("d").hear(), "met");
    const auto leaves = beginning + i * a_visit_takes + a_visit_takes / 2;
    ASSERT_TRUE(keep_busy_until(leaves));
    if (i % 2 == 0) {
      EXPECT_EQ(node("d").end(), 0);
    } else {
      node("d").kill();
    }
    ASSERT_TRUE(keep_busy_until(leaves + a_visit_takes / 2));
  }
  expect_right_result();
  expect_all_ran();
}

class ClusterClock : public ClusterChange, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    ClusterChange::SetUp();
    if (sanitized) GTEST_SKIP() << "a sanitizer and faketime both want to be loaded first";
    if (access(FAKETIME, R_OK) != 0) GTEST_SKIP() << "NO FAKETIME HERE: NOTHING IS TESTED";
  }
  std::vector<std::string> command(const std::string& name) const override {
    std::vector<std::string> words = ClusterChange::command(name);
    if (name != "b") return words;
    words.insert(words.begin(), {"/usr/bin/env", std::string("LD_PRELOAD=") + FAKETIME,
                                 std::string("FAKETIME=") + GetParam(), "FAKETIME_DONT_FAKE_MONOTONIC=1"});
    return words;
  }
};

TEST_P(ClusterClock, of_one_node_may_be_wrong_by_an_hour) {
  begin();
  wait_for_the_moment();
  node("a").kill();
  expect_right_result();
  expect_all_ran();
}

TEST_P(ClusterClock, does_not_change_how_long_a_future_sleeps_that_goes_on_elsewhere) {
  server_.emplace(server_arguments());
  for (const char* name : {"a", "b"}) {
    start(name);
    ASSERT_EQ(node(name).hear(), "ready");
  }
  root_ = runtime::key_of("nap");
  const auto beginning = std::chrono::steady_clock::now();
  node("a").say("nap nap 4000");
  ASSERT_EQ(node("a").hear(), "spawned");
  ASSERT_TRUE(wait_until([&] { return store()->load({detail::child_family(root_, 1), 0}).has_value(); }));
  node("a").kill();
  ASSERT_TRUE(wait_until([&] { return result().has_value(); }, 60s));
  EXPECT_EQ(result()->outcome, status::success);
  EXPECT_GE(std::chrono::steady_clock::now() - beginning, 4s);
}

INSTANTIATE_TEST_SUITE_P(, ClusterClock, testing::Values("+1h", "-1h"),
                         [](const auto& i) { return i.param[0] == '+' ? "ahead" : "behind"; });

}  // namespace
}  // namespace banyan::test
