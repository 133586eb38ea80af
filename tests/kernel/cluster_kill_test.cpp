#include <csignal>

#include "persistence/redis_layout.hpp"
#include "tests/kernel/cluster_processes.hpp"
#include "tests/support/authority.hpp"

namespace banyan::test {
namespace {

class ClusterKill : public ClusterProcesses {
 protected:
  void kill_and_expect(const std::vector<std::string>& victims) {
    for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
      begin();
      if (HasFatalFailure()) return;
      wait_for_the_moment();
      kill(victims);
      const std::set<std::string> before = finished();
      const std::size_t noted = notes_in(notes_).size();
      if (victims.size() == nodes_.size()) {
        for (const std::string& name : victims) start(name);
      }
      expect_right_result();
      expect_none_again(before, noted);
      expect_all_ran();
    }
  }
};

/// The same with certificates.
class ClusterKillTls : public ClusterKill {
 protected:
  void SetUp() override {
    ClusterKill::SetUp();
    for (const char* name : {"a", "b", "c"}) known_.vouch_for(name, std::string("DNS:") + name);
  }
  std::vector<std::string> command(const std::string& name) const override {
    std::vector<std::string> words = ClusterKill::command(name);
    words.insert(words.end(),
                 {"127.0.0.1:0", known_.file(name + ".pem"), known_.file(name + ".key"), known_.file("ca.pem")});
    return words;
  }

  authority known_;
};

TEST_F(ClusterKill, of_a_node_with_children_of_others_ends_no_tree) { kill_and_expect({"b"}); }

TEST_F(ClusterKill, of_the_node_of_the_root_ends_no_tree) { kill_and_expect({"a"}); }

TEST_F(ClusterKill, of_two_of_three_ends_no_tree) { kill_and_expect({"b", "c"}); }

TEST_F(ClusterKill, of_two_with_the_roots_ends_no_tree) { kill_and_expect({"a", "b"}); }

TEST_F(ClusterKill, of_all_ends_no_tree_when_they_are_started_again) { kill_and_expect({"a", "b", "c"}); }

TEST_F(ClusterKillTls, of_a_node_ends_no_tree) { kill_and_expect({"b"}); }

TEST_F(ClusterKillTls, of_two_with_the_roots_ends_no_tree) { kill_and_expect({"a", "b"}); }

/// As if it had been given away by one that died before it said so.
TEST_F(ClusterKill, of_who_has_just_given_a_root_away_ends_no_tree) {
  begin();
  if (HasFatalFailure()) return;
  wait_for_the_moment();
  const std::string root = detail::family_text(root_.family);
  server_->ask({"HSET", "banyan:{roots}:drivers", root, "b"});
  server_->ask({"SMOVE", "banyan:{roots}:driven:a", "banyan:{roots}:driven:b", root});
  kill({"a"});
  expect_right_result();
}

TEST_F(ClusterKill, is_not_needed_to_restart_one_node_after_the_other_under_load) {
  for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
    begin();
    if (HasFatalFailure()) return;
    for (const char* name : {"a", "b", "c"}) {
      const std::set<std::string> before = finished();
      const std::size_t noted = notes_in(notes_).size();
      EXPECT_EQ(node(name).end(), 0);
      start(name);
      ASSERT_EQ(node(name).hear(), "ready");
      node(name).say("meet 3");
      ASSERT_EQ(node(name).hear(), "met");
      expect_none_again(before, noted);
    }
    expect_right_result();
    expect_all_ran();
  }
}

TEST_F(ClusterKill, of_none_is_what_a_stopped_node_does_not_need) {
  for (int i = 0; i < rounds() && !HasFatalFailure(); ++i) {
    begin();
    if (HasFatalFailure()) return;
    wait_for_the_moment();
    node("b").signal(SIGSTOP);
    ASSERT_TRUE(wait_until([&] { return !is_alive("b"); }, 30s));
    node("b").signal(SIGCONT);
    expect_right_result();
    // It is a node again, in another life.
    node("b").say("meet 3");
    EXPECT_EQ(node("b").hear(), "met");
    EXPECT_EQ(node("b").end(), 0);
  }
}

}  // namespace
}  // namespace banyan::test
