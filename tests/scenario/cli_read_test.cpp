#include "messages/family.hpp"
#include "tests/scenario/cli_fixture.hpp"

namespace banyan::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_P(Cli, LsListsTheRootsOldestFirst) {
  const program_end end = banyan({"ls"});
  EXPECT_EQ(end.code, 0) << end.err;
  const auto lines = lines_of(end.out);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], MatchesRegex("KEY +NAME +FUNCTION +STATUS +PROGRESS +AGE"));
  EXPECT_THAT(lines[1], MatchesRegex(done_.str() + " +sort it +sort +success +100% +2h"));
  EXPECT_THAT(lines[2], MatchesRegex(live_.str() + R"( +red\\x1b\[31m name +train +running +25% +3m)"));
  EXPECT_THAT(lines[3], MatchesRegex(stuck_.str() + " +resize +resize +pending, parked +0% +1m"));
}

TEST_P(Cli, LsTakesTheStoreFromTheEnvironment) {
  const program_end end = banyan_without_store({"ls"}, {"BANYAN_STORE=" + url_});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(lines_of(end.out).size(), 4u);
}

TEST_P(Cli, LsTakesTheStoreAfterTheCommandToo) { EXPECT_EQ(banyan_without_store({"ls", "--store", url_}).code, 0); }

TEST_P(Cli, LsListsOneStatusAlone) {
  const program_end end = banyan({"ls", "--status", "running"});
  EXPECT_EQ(lines_of(end.out).size(), 2u);
  EXPECT_THAT(end.out, HasSubstr(live_.str()));
}

TEST_P(Cli, LsAsJsonIsOneArray) {
  const program_end end = banyan({"ls", "--json", "--status", "success"});
  const json roots = json::parse(end.out);
  ASSERT_EQ(roots.size(), 1u);
  EXPECT_EQ(roots[0].at("key"), done_.str());
  EXPECT_EQ(roots[0].at("name"), "sort it");
  EXPECT_EQ(roots[0].at("function"), "sort");
  EXPECT_EQ(roots[0].at("status"), "success");
  EXPECT_EQ(roots[0].at("progress"), 1.0);
  EXPECT_EQ(json::parse(banyan({"ls", "--json"}).out).size(), 3u);
}

TEST_P(Cli, LsShowsARootWhoseRecordIsDamaged) {
  const key bad{detail::named_family("bad"), 0};
  tree_.put(detail::write::what::spec, bad, "garbage");
  tree_.put(detail::write::what::add_root, bad, {}, 1);
  const key missing{detail::named_family("missing"), 0};
  tree_.put(detail::write::what::add_root, missing, {}, 2);
  const program_end end = banyan({"ls"});
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.out, HasSubstr(live_.str()));
  EXPECT_THAT(lines_of(end.out)[1], AllOf(HasSubstr(bad.str()), HasSubstr("damaged")));
  EXPECT_THAT(lines_of(end.out)[2], AllOf(HasSubstr(missing.str()), HasSubstr("damaged")));
}

TEST_P(Cli, ShowTellsAllOfAFuture) {
  const program_end end = banyan({"show", done_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  for (const std::string& part :
       {"key        " + done_.str(), std::string("name       sort it"), std::string("function   sort"),
        std::string("status     success"), std::string("settled    yes"), std::string("runtime    1.5s"),
        std::string("arguments  []"), std::string("result     \"sorted\""),
        std::string("children   2: 1 success, 1 failure"), std::string("(2h ago)")}) {
    EXPECT_THAT(end.out, HasSubstr(part));
  }
}

TEST_P(Cli, ShowTellsWhyAFutureFailedOrIsParked) {
  EXPECT_THAT(banyan({"show", failed_child_.str()}).out,
              HasSubstr("error      disk\\nfull (in upload " + failed_child_.str() + ")"));
  EXPECT_THAT(banyan({"show", stuck_.str()}).out, HasSubstr("parked     no function 'resize' in this program"));
}

TEST_P(Cli, ShowTakesTheBeginningOfARootsKeyInEitherCase) {
  std::string beginning = live_.str().substr(0, 8);
  EXPECT_THAT(banyan({"show", beginning}).out, HasSubstr(live_.str()));
  for (char& c : beginning) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_THAT(banyan({"show", beginning}).out, HasSubstr(live_.str()));
}

TEST_P(Cli, TreeDrawsAFutureAndWhatIsBelowIt) {
  const program_end end = banyan({"tree", live_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  const auto lines = lines_of(end.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[0], AllOf(StartsWith("red\\x1b[31m name  running 25%  1"), HasSubstr(live_.str())));
  EXPECT_THAT(lines[1], AllOf(StartsWith("├─ epoch  running 50%  "), HasSubstr(live_child_.str())));
  EXPECT_EQ(lines[2], "└─ approval  pending 0%  " + approval_.str());
}

TEST_P(Cli, TreeGoesDownAsFarAsItIsTold) {
  EXPECT_EQ(lines_of(banyan({"tree", done_.str(), "--depth", "0"}).out).size(), 1u);
  EXPECT_THAT(banyan({"tree", done_.str(), "--depth", "1"}).out, HasSubstr("disk\\nfull"));
}

TEST_P(Cli, TreeAsJsonIsOneObject) {
  const json tree = json::parse(banyan({"tree", done_.str(), "--json"}).out);
  EXPECT_EQ(tree.at("result"), "sorted");
  EXPECT_EQ(tree.at("children").at(0).at("result"), json({1, 2, 3}));
  EXPECT_EQ(tree.at("children").at(1).at("error").at("message"), "disk\nfull");
  EXPECT_FALSE(json::parse(banyan({"tree", done_.str(), "--json", "--depth", "0"}).out).contains("children"));
}

TEST_P(Cli, TreeOfADeepTreeStaysSmall) {
  key k = stuck_;
  for (std::uint32_t level = 1; level <= 3000; ++level) k = tree_.child(k, 0, call_of("f"), level);
  const program_end end = banyan({"tree", stuck_.str()});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(lines_of(end.out).size(), 3001u);
  EXPECT_LT(end.out.size(), 1'000'000u);
  EXPECT_THAT(end.out, HasSubstr("[3000] "));
}

TEST_P(Cli, ResultPrintsTheValueOfASuccess) {
  const program_end end = banyan({"result", done_child_.str()});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.out, "[1,2,3]\n");
  EXPECT_EQ(end.err, "");
}

TEST_P(Cli, ResultOfAFailureIsOneLineOfErrorAndExitCode1) {
  const program_end end = banyan({"result", failed_child_.str()});
  EXPECT_EQ(end.code, 1);
  EXPECT_EQ(end.out, "");
  EXPECT_EQ(end.err,
            "banyan: " + failed_child_.str() + " failed: disk\\nfull (in upload " + failed_child_.str() + ")\n");
}

TEST_P(Cli, ResultOfACancelledFutureIsExitCode2) {
  detail::result_record cancelled = failure_of("cancelled from outside");
  cancelled.outcome = status::cancelled;
  tree_.result(live_, cancelled);
  const program_end end = banyan({"result", live_.str()});
  EXPECT_EQ(end.code, 2);
  EXPECT_THAT(end.err, HasSubstr(live_.str() + " was cancelled: cancelled from outside"));
}

TEST_P(Cli, ResultThatIsNotThereYetIsAnError) {
  const program_end end = banyan({"result", live_.str()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr("has no result yet: it is running at 25%"));
}

TEST_P(Cli, ReadersLeaveNoTraceInTheStore) {
  for (const char* command : {"show", "tree", "result"}) banyan({command, done_.str()});
  stop_driving();
  banyan({"ls"});
  EXPECT_NO_THROW(detail::open_store(url_, detail::open_mode::drive, "a test"));
}

TEST_P(Cli, AReaderThatGoesAwayIsNoError) {
  for (std::uint64_t i = 0; i < 3000; ++i) tree_.child(stuck_, i, call_of("f"));
  const program_end end = run_program(
      {"/bin/sh", "-c", std::string(BANYAN_PROGRAM) + " --store " + url_ + " tree " + stuck_.str() + " | head -n 1"});
  EXPECT_EQ(lines_of(end.out).size(), 1u);
  EXPECT_EQ(end.err, "");
}

TEST_P(Cli, OutputThatCannotBeWrittenIsAnError) {
  const program_end end =
      run_program({"/bin/sh", "-c", std::string(BANYAN_PROGRAM) + " --store " + url_ + " ls > /dev/full"});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr("banyan: cannot write the output: No space left on device"));
}

BANYAN_OVER_SHARED_STORES(Cli);

}  // namespace
}  // namespace banyan::test
