#include "nodes/roster.hpp"

#include <set>

#include <gtest/gtest.h>

#include "actors/waiting_places.hpp"

namespace banyan::test {
namespace {

using namespace detail;

constexpr incarnation_id own = 1;

node_hello hello_of(incarnation_id id, const std::string& name, std::vector<std::string> roles = {},
                    std::vector<function_version> functions = {{"f"}}) {
  node_hello h;
  h.incarnation = id;
  h.name = name;
  h.card.roles = std::move(roles);
  h.functions = std::move(functions);
  return h;
}

class Roster : public testing::Test {
 protected:
  roster r{hello_of(own, "own")};
};

TEST_F(Roster, what_is_local_stays) {
  r.connected(hello_of(2, "b"));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(r.choose(placement::local(), {"f"}), own);
}

TEST_F(Roster, what_is_not_known_here_goes_where_it_is_known) {
  EXPECT_EQ(r.choose(placement::local(), {"g"}), own) << "alone it is kept, to be seen";
  r.connected(hello_of(2, "b", {}, {{"g"}}));
  EXPECT_EQ(r.choose(placement::local(), {"g"}), 2u);
  EXPECT_EQ(r.choose(placement::spread(), {"g"}), 2u);
  EXPECT_EQ(r.choose(placement::spread(), {"h"}), 0u);
}

TEST_F(Roster, spreads_to_one_after_the_other) {
  r.connected(hello_of(2, "b"));
  r.connected(hello_of(3, "c"));
  std::set<incarnation_id> chosen;
  for (int i = 0; i < 3; ++i) chosen.insert(r.choose(placement::spread(), {"f"}));
  EXPECT_EQ(chosen, (std::set<incarnation_id>{own, 2, 3}));
}

TEST_F(Roster, finds_the_least_loaded) {
  r.connected(hello_of(2, "b"));
  r.connected(hello_of(3, "c"));
  r.set_load(own, 5, 5);
  r.set_load(2, 0, 3);
  r.set_load(3, 1, 1);
  EXPECT_EQ(r.choose(placement::least_loaded(), {"f"}), 3u);
  // What was sent counts before the node has said so.
  std::multiset<incarnation_id> chosen;
  for (int i = 0; i < 4; ++i) chosen.insert(r.choose(placement::least_loaded(), {"f"}));
  EXPECT_EQ(chosen.count(2), 2u);
  EXPECT_EQ(chosen.count(3), 2u);
}

TEST_F(Roster, finds_roles_and_names) {
  r.connected(hello_of(2, "b", {"gpu"}));
  EXPECT_EQ(r.choose(placement::role("gpu"), {"f"}), 2u);
  EXPECT_EQ(r.choose(placement::role("tpu"), {"f"}), 0u);
  EXPECT_EQ(r.choose(placement::on("b"), {"f"}), 2u);
  EXPECT_EQ(r.choose(placement::on("own"), {"f"}), own);
  EXPECT_EQ(r.choose(placement::on("z"), {"f"}), 0u);
}

TEST_F(Roster, sends_nothing_to_who_leaves_is_gone_or_cannot_be_sent_to) {
  r.connected(hello_of(2, "b"));
  r.set_leaving(2, true);
  EXPECT_EQ(r.choose(placement::on("b"), {"f"}), 0u);
  r.set_leaving(2, false);
  r.set_full(2, true);
  EXPECT_EQ(r.choose(placement::on("b"), {"f"}), 0u);
  r.set_full(2, false);
  EXPECT_EQ(r.choose(placement::on("b"), {"f"}), 2u);
  r.disconnected(2);
  EXPECT_EQ(r.choose(placement::on("b"), {"f"}), 0u);
  EXPECT_TRUE(r.connected_nodes().empty());
}

TEST_F(Roster, who_leaves_itself_sends_what_it_can_to_others) {
  r.set_leaving(own, true);
  EXPECT_EQ(r.choose(placement::spread(), {"f"}), 0u);
  r.connected(hello_of(2, "b"));
  EXPECT_EQ(r.choose(placement::spread(), {"f"}), 2u);
}

TEST_F(Roster, places_nothing_where_the_function_is_older) {
  r.connected(hello_of(2, "b", {}, {{"f", 3}, {"f", 1}}));
  EXPECT_EQ(r.choose(placement::local(), {"f", 1}), own);
  EXPECT_EQ(r.choose(placement::local(), {"f", 2}), 2u);
  EXPECT_EQ(r.choose(placement::spread(), {"f", 3}), 2u);
  EXPECT_EQ(r.choose(placement::spread(), {"f", 4}), 0u);
  EXPECT_TRUE(r.may_run(2, placement::local(), {"f", any_version}));
  EXPECT_FALSE(r.may_run(own, placement::local(), {"f", 2}));
}

TEST_F(Roster, calls_go_where_the_functions_that_they_are_given_are_known) {
  node_hello b = hello_of(2, "b");
  b.functions.push_back({"g", 1});
  r.connected(b);
  r.connected(hello_of(3, "c"));
  EXPECT_EQ(r.choose(placement::local(), {{"f"}, {"f", "g"}}), 2u);
  EXPECT_FALSE(r.may_run(3, placement::local(), {{"f"}, {"g"}}));
  EXPECT_EQ(r.choose(placement::spread(), {{"f"}, {"h"}}), 0u);
}

TEST_F(Roster, futures_of_a_queue_go_where_it_is_known) {
  node_hello b = hello_of(2, "b");
  b.queues = {"mail"};
  r.connected(b);
  r.connected(hello_of(3, "c"));
  EXPECT_EQ(r.choose(placement::local(), {{"f"}, {}, "mail"}), 2u);
  EXPECT_EQ(r.choose(placement::on("c"), {{"f"}, {}, "mail"}), 0u);
  EXPECT_FALSE(r.may_run(3, placement::local(), {{"f"}, {}, "mail"}));
  EXPECT_EQ(r.choose(placement::on("c"), {{"f"}, {}, section_queue("any")}), 3u)
      << "a critical section is known to all";
}

TEST_F(Roster, knows_who_has_most_waiting) {
  EXPECT_EQ(r.busiest(), 0u);
  r.connected(hello_of(2, "b"));
  r.connected(hello_of(3, "c"));
  r.set_load(own, 100, 0);
  r.set_load(2, 1, 50);
  EXPECT_EQ(r.busiest(), 0u) << "one that waits is not worth a message";
  r.set_load(2, 3, 0);
  r.set_load(3, 9, 0);
  EXPECT_EQ(r.busiest(), 3u);
}

}  // namespace
}  // namespace banyan::test
