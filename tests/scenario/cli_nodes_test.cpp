#include "nodes/hello.hpp"
#include "persistence/membership.hpp"
#include "tests/scenario/cli_fixture.hpp"

namespace banyan::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

/// Lists the driver of the store as a node.
void announce(detail::store& s, detail::millis since) {
  detail::node_card card = detail::own_card();
  card.address = "127.0.0.1:4711";
  card.roles = {"gpu", "red\x1b[31m"};
  card.since = since;
  card.running = 3;
  card.pending = 1200;
  s.cluster()->announce(encode_card(card));
}

/// Over a store that can be shared.
class CliOfACluster : public Cli {};

/// Over one that cannot.
class CliOfOneProgram : public Cli {};

TEST_P(CliOfOneProgram, NodesAreAskedForInVain) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{"nodes"}, {"drain", "n1"}}) {
    const program_end end = banyan(command);
    EXPECT_EQ(end.code, 3);
    EXPECT_THAT(end.err, HasSubstr("is for one program at a time and has no nodes"));
  }
}

TEST_P(CliOfACluster, NodesAreShownInATable) {
  EXPECT_EQ(banyan({"nodes"}).out, "NAME  ADDRESS  ROLES  UP  RUNNING  PENDING  LEASE  STATE\n");
  announce(*driver_, now_ - 7'200'000);
  EXPECT_THAT(
      banyan({"nodes"}).out,
      MatchesRegex("NAME .*\na test  127.0.0.1:4711  gpu,red\\\\x1b\\[31m  2h  3 +1,200 +[1-5]\\.[0-9]s +alive\n"));
  stop_driving();
  EXPECT_THAT(banyan({"nodes"}).out, MatchesRegex("NAME .*\na test .* - +- +- +- +gone\n"));
}

TEST_P(CliOfACluster, NodesAsJsonAreOneArray) {
  EXPECT_EQ(banyan({"nodes", "--json"}).out, "[]\n");
  announce(*driver_, now_);
  const json node = json::parse(banyan({"nodes", "--json"}).out).at(0);
  EXPECT_EQ(node.at("name"), "a test");
  EXPECT_EQ(node.at("address"), "127.0.0.1:4711");
  EXPECT_EQ(node.at("roles"), json({"gpu", "red\x1b[31m"}));
  EXPECT_EQ(node.at("running"), 3);
  EXPECT_EQ(node.at("pending"), 1200);
  EXPECT_GT(node.at("lease_left_ms"), 0);
  EXPECT_EQ(node.at("state"), "alive");
  stop_driving();
  const json gone = json::parse(banyan({"nodes", "--json"}).out).at(0);
  EXPECT_EQ(gone.at("state"), "gone");
  EXPECT_EQ(gone.at("lease_left_ms"), 0);
}

TEST_P(CliOfACluster, DrainIsAWishThatIsShownAndCanBeTakenBack) {
  announce(*driver_, now_);
  EXPECT_EQ(banyan({"drain", "a test"}).out, "a test is to leave: it takes no new work from its next heartbeat on\n");
  EXPECT_THAT(banyan({"nodes"}).out, HasSubstr("draining"));
  EXPECT_TRUE(driver_->cluster()->members().at(0).draining);
  EXPECT_THAT(banyan({"submit", "sort"}).err, HasSubstr("all nodes are to leave"));
  EXPECT_EQ(banyan({"drain", "a test", "--undo"}).out,
            "a test may stay: it takes new work from its next heartbeat on\n");
  EXPECT_FALSE(driver_->cluster()->members().at(0).draining);
  EXPECT_EQ(banyan({"submit", "sort"}).err, "");
  stop_driving();
  EXPECT_EQ(banyan({"drain", "a test"}).out, "a test is gone; when it is started again, it takes work\n");
}

TEST_P(CliOfACluster, DrainOfAnUnknownNodeIsAnError) {
  const program_end end = banyan({"drain", "a\x1b[2J"});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr("banyan: no node 'a\\x1b[2J' in redis+unix:"));
}

INSTANTIATE_TEST_SUITE_P(Over, CliOfACluster, testing::Values("redis"), [](const auto& i) { return i.param; });
INSTANTIATE_TEST_SUITE_P(Over, CliOfOneProgram, testing::Values("sqlite"), [](const auto& i) { return i.param; });

}  // namespace
}  // namespace banyan::test
