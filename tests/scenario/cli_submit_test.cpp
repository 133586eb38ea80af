#include <csignal>

#include <banyan/runtime.hpp>

#include "messages/json.hpp"
#include "tests/scenario/cli_fixture.hpp"

namespace banyan::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::MatchesRegex;

const key sorting = runtime::key_of("a sort");

std::vector<std::string> sort_call(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"submit", "sort", "[3, 1, 2]", "-5", "\"up\"", "--id", "a sort"});
  return more;
}

TEST_P(Cli, SubmitWritesARootAndPrintsItsKey) {
  const program_end end = banyan(sort_call({"--name", "sort it again", "--placement", "role:big"}));
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(end.out, sorting.str() + "\n");
  const detail::future_view v = view(sorting);
  EXPECT_EQ(v.status, status::pending);
  EXPECT_EQ(v.function, "sort");
  EXPECT_EQ(v.name, "sort it again");
  EXPECT_EQ(detail::payload_to_json(v.arguments), "[[3,1,2],-5,\"up\"]");
  EXPECT_THAT(banyan({"ls"}).out, HasSubstr(sorting.str()));
}

TEST_P(Cli, SubmitTakesAQueueAndAPriority) {
  EXPECT_EQ(banyan(sort_call({"--queue", "mail", "--queue-key", "a b", "--priority", "-2"})).code, 0);
  const auto store = detail::open_store(url_, detail::open_mode::read, "a test");
  const detail::entry submitted = detail::decode_entry(store->load(sorting)->spec);
  const options& opts = submitted.spec.settings();
  EXPECT_EQ(opts.queue.str(), "mail");
  EXPECT_EQ(opts.queue_key.str(), "a b");
  EXPECT_EQ(opts.priority, -2);
  EXPECT_THAT(
      banyan({"show", sorting.str()}).out,
      AllOf(ContainsRegex("queue +mail\n"), ContainsRegex("queue key +a b\n"), ContainsRegex("priority +-2\n")));
  EXPECT_THAT(banyan({"tree", sorting.str(), "--json"}).out,
              HasSubstr("\"queue\":\"mail\",\"queue_key\":\"a b\",\"priority\":-2"));
}

TEST_P(Cli, SubmitWithoutAnIdIsAnotherRootEachTime) {
  const program_end one = banyan({"submit", "sort"});
  const program_end other = banyan({"submit", "sort"});
  EXPECT_THAT(one.out, MatchesRegex("[0-9A-Z]{26}\\.0\n"));
  EXPECT_NE(one.out, other.out);
}

TEST_P(Cli, SubmitJoinsTheSameCallWithTheSameId) {
  EXPECT_EQ(banyan(sort_call()).code, 0);
  const program_end again = banyan(sort_call());
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out, sorting.str() + "\n");
  EXPECT_EQ(again.err, "");
}

TEST_P(Cli, SubmitRefusesAnIdThatAnotherCallHas) {
  EXPECT_EQ(banyan(sort_call()).code, 0);
  const program_end others = banyan(sort_call({"7"}));
  EXPECT_EQ(others.code, 3);
  EXPECT_EQ(others.err,
            "banyan: the id 'a sort' is taken by a call of sort with other arguments (key " + sorting.str() + ")\n");
  EXPECT_THAT(banyan({"submit", "merge", "--id", "a sort"}).err, HasSubstr("taken by a call of sort (key"));
}

TEST_P(Cli, SubmitListsARootThatWasWrittenAndNotListed) {
  EXPECT_EQ(banyan(sort_call()).code, 0);
  tree_.put(detail::write::what::drop_root, sorting, {});
  EXPECT_EQ(banyan(sort_call()).code, 0);
  EXPECT_THAT(banyan({"ls"}).out, HasSubstr(sorting.str()));
}

TEST_P(Cli, SubmitRefusesWhatIsNoCall) {
  const std::string before = banyan({"ls"}).out;
  const auto refused = [this](std::vector<std::string> arguments) {
    const program_end end = banyan(std::move(arguments));
    EXPECT_EQ(end.code, 3);
    EXPECT_EQ(end.out, "");
    return end.err;
  };
  EXPECT_THAT(refused({"submit", "sort", "1", "Anna"}),
              HasSubstr("banyan: argument 2 of sort: malformed JSON: parse error at line 1, column 1"));
  EXPECT_THAT(refused({"submit", "sort", std::string(64, '[') + std::string(64, ']')}),
              HasSubstr("the arguments of sort: payload nested deeper than 64 levels"));
  EXPECT_THAT(refused({"submit", "sort", "--frobnicate"}), HasSubstr("no option '--frobnicate'; see banyan submit"));
  EXPECT_THAT(refused({"submit", "sort", "--placement", "role:"}), HasSubstr("malformed placement 'role:'"));
  EXPECT_THAT(refused({"submit", "sort", "--queue-key", "a"}), HasSubstr("queue_key goes with a queue"));
  EXPECT_THAT(refused({"submit", "sort", "--queue", "section:s"}), HasSubstr("is no name: it takes letters"));
  EXPECT_THAT(refused({"submit", "sort", "--priority", "high"}), HasSubstr("--priority"));
  EXPECT_THAT(refused({"submit"}), HasSubstr("FUNCTION is required"));
  EXPECT_EQ(banyan({"ls"}).out, before);
}

TEST_P(Cli, SubmitTakesTheStoreAfterTheCommandToo) {
  EXPECT_EQ(banyan_without_store({"submit", "sort", "--store", url_}, {"BANYAN_STORE=memory:"}).code, 0);
}

TEST_P(Cli, SubmitSaysWhatKeepsTheRootWaiting) {
  const bool shared = GetParam() == "redis";
  // Who drives a file takes the root; a Redis has nodes for that.
  EXPECT_EQ(banyan({"submit", "sort"}).err, shared ? "banyan: no node is alive; it starts when one comes\n" : "");
  stop_driving();
  EXPECT_THAT(banyan({"submit", "sort", "--placement", "on:n1"}).err,
              HasSubstr(shared ? "the node 'n1' is not alive" : "no program runs this store"));
}

TEST_P(Cli, SubmitThatWaitsEndsAsTheFutureDid) {
  const auto end_of = [this](const std::string& id, const detail::result_record& r) {
    banyan({"submit", "sort", "--id", id});
    tree_.result(runtime::key_of(id), r);
    return banyan({"submit", "sort", "--id", id, "--wait"});
  };
  const program_end well = end_of("well", success_of(detail::encode(std::vector<int>{1, 2})));
  EXPECT_EQ(well.code, 0);
  EXPECT_EQ(well.out, runtime::key_of("well").str() + "\n[1,2]\n");
  const program_end ill = end_of("ill", failure_of("out of order"));
  EXPECT_EQ(ill.code, 1);
  EXPECT_THAT(ill.err, HasSubstr("failed: out of order"));
  detail::result_record cancelled = failure_of("no more");
  cancelled.outcome = status::cancelled;
  EXPECT_EQ(end_of("not", cancelled).code, 2);
}

TEST_P(Cli, SubmitThatWaitsCanBeInterrupted) {
  piped_program p({BANYAN_PROGRAM, "--store", url_, "submit", "sort", "--id", "a sort", "--wait"});
  ASSERT_TRUE(p.wait_for(sorting.str() + "\n"));
  p.send(SIGINT);
  EXPECT_EQ(p.wait().code, 128 + SIGINT);
  EXPECT_EQ(view(sorting).status, status::pending);
}

}  // namespace
}  // namespace banyan::test
