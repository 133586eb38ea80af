#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "persistence/store.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/run_program.hpp"

namespace banyan::test {
namespace {

using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;

/// Nodes as operators run them, with the library of the examples.
class SubmittedTo : public testing::TestWithParam<std::string> {
 protected:
  SubmittedTo() {
    // Who only submits makes no file.
    if (GetParam() == "sqlite") detail::open_store(url_, detail::open_mode::drive, "a test")->close();
  }
  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {BANYAN_PROGRAM, "--store", url_});
    return arguments;
  }
  program_end banyan(std::vector<std::string> arguments) const { return run_program(command(std::move(arguments))); }

  /// A node that is up. Where the store can be shared it is one of a cluster.
  std::unique_ptr<piped_program> start_node(const std::string& name, std::vector<std::string> more = {}) const {
    std::vector<std::string> words{BANYAN_PROGRAM, "node", "--store", url_, "--name", name, "--load", JOBS_LIBRARY};
    if (GetParam() == "redis") {
      words.insert(words.end(), {"--listen", "127.0.0.1:0", "--lease", "2s", "--heartbeat", "200ms"});
    }
    words.insert(words.end(), more.begin(), more.end());
    auto node = std::make_unique<piped_program>(words);
    EXPECT_TRUE(node->wait_for("node " + name + " listens"));
    return node;
  }

  const store_place place_{GetParam()};
  const std::string url_ = place_.url();
};

/// Over a store that nodes share.
class SubmittedToACluster : public SubmittedTo {};

TEST_P(SubmittedTo, ANodeThatComesLaterRunsIt) {
  piped_program submit(command({"submit", "greet", "\"Anna\"", "--wait"}));
  ASSERT_TRUE(submit.wait_for(".0\n"));
  const auto node = start_node("n1");
  const program_end end = submit.wait();
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.out, EndsWith(".0\n\"Hello, Anna!\"\n"));
}

TEST_P(SubmittedTo, AFailureOfTheFunctionIsThatOfWhoWaits) {
  piped_program submit(command({"submit", "greet", "7", "--wait"}));
  ASSERT_TRUE(submit.wait_for(".0\n"));
  const auto node = start_node("n1");
  const program_end end = submit.wait();
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("cannot read an integer as"));
}

TEST_P(SubmittedTo, ACancellationIsThatOfWhoWaits) {
  piped_program submit(command({"submit", "primes", "1000000000", "--id", "many", "--wait"}));
  ASSERT_TRUE(submit.wait_for(".0\n"));
  const auto node = start_node("n1");
  EXPECT_EQ(banyan({"cancel", banyan({"submit", "primes", "1000000000", "--id", "many"}).out.substr(0, 28)}).code, 0);
  EXPECT_EQ(submit.wait().code, 2);
}

TEST_P(SubmittedTo, ANodeThatRunsTakesItAtOnce) {
  const auto node = start_node("n1");
  const program_end end = banyan({"submit", "fib", "15", "--wait"});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.err, "");
  EXPECT_THAT(end.out, EndsWith(".0\n610\n"));
}

TEST_P(SubmittedToACluster, ANodeWithTheRoleRunsIt) {
  const auto without = start_node("n1");
  piped_program submit(command({"submit", "fib", "10", "--placement", "role:big", "--wait"}));
  ASSERT_TRUE(submit.wait_for(".0\n"));
  const auto with = start_node("n2", {"--roles", "big"});
  const program_end end = submit.wait();
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.err, HasSubstr("no node with the role 'big' is alive"));
}

TEST_P(SubmittedToACluster, ANodeThatMayStayAfterAllRunsIt) {
  const auto node = start_node("n1");
  EXPECT_EQ(banyan({"drain", "n1"}).code, 0);
  piped_program submit(command({"submit", "fib", "10", "--wait"}));
  ASSERT_TRUE(submit.wait_for(".0\n"));
  EXPECT_EQ(json::parse(banyan({"nodes", "--json"}).out).at(0).at("state"), "draining");
  EXPECT_EQ(banyan({"drain", "n1", "--undo"}).code, 0);
  const program_end end = submit.wait();
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.err, HasSubstr("all nodes are to leave"));
}

TEST_P(SubmittedToACluster, NodesThatRunAreListed) {
  const auto one = start_node("n1", {"--roles", "small"});
  const auto other = start_node("n2");
  const json nodes = json::parse(banyan({"nodes", "--json"}).out);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].at("name"), "n1");
  EXPECT_EQ(nodes[0].at("roles"), json::array({"small"}));
  EXPECT_EQ(nodes[0].at("state"), "alive");
  EXPECT_THAT(nodes[1].at("address").get<std::string>(), testing::MatchesRegex("127.0.0.1:[1-9][0-9]*"));
}

BANYAN_OVER_SHARED_STORES(SubmittedTo);
INSTANTIATE_TEST_SUITE_P(Over, SubmittedToACluster, testing::Values("redis"), [](const auto& i) { return i.param; });

}  // namespace
}  // namespace banyan::test
