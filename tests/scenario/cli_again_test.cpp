#include "tests/scenario/cli_fixture.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST_P(Cli, RetryWritesARootWithTheSameCallAndPrintsItsKey) {
  tree_.result(stuck_, failure_of("no such picture"));
  const program_end end = banyan({"retry", stuck_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.out, MatchesRegex("[0-9A-Z]{26}\\.0\n"));
  const detail::future_view v = view(key::parse(end.out.substr(0, end.out.size() - 1)));
  EXPECT_EQ(v.status, status::pending);
  EXPECT_EQ(v.function, "resize");
  EXPECT_EQ(view(stuck_).status, status::failure);
}

TEST_P(Cli, RetryRefusesWhatHasNotFailed) {
  const program_end good = banyan({"retry", done_.str()});
  EXPECT_EQ(good.code, 3);
  EXPECT_THAT(good.err, HasSubstr(done_.str() + " has succeeded"));
  EXPECT_THAT(banyan({"retry", live_.str()}).err, HasSubstr("has no result yet"));
  EXPECT_THAT(banyan({"retry", failed_child_.str()}).err, HasSubstr("is no root"));
  detail::result_record open_below = failure_of("no such picture");
  open_below.settled = false;
  tree_.result(stuck_, open_below);
  EXPECT_THAT(banyan({"retry", stuck_.str()}).err, HasSubstr("is not settled yet"));
}

TEST_P(Cli, RetryOfWhatNobodyRunsSaysSoAtOnce) {
  const program_end cancelled = banyan({"cancel", live_.str()});
  EXPECT_EQ(cancelled.code, 0) << cancelled.err;
  stop_driving();
  const program_end end = banyan({"retry", live_.str()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr(live_.str() + " is not settled yet, and no program runs this store"));
}

TEST_P(Cli, RetryOfWhatNeverBeganNeedsNobodyToRunIt) {
  EXPECT_EQ(banyan({"cancel", stuck_.str()}).code, 0);
  stop_driving();
  const program_end end = banyan({"retry", stuck_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
}

TEST_P(Cli, ForkWritesARootThatTakesOverWhatWasBeforeAChild) {
  const program_end end = banyan({"fork", done_.str(), "--from", failed_child_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  const key forked = key::parse(end.out.substr(0, end.out.size() - 1));
  const auto s = detail::open_store(url_, detail::open_mode::read, "a test");
  const detail::spec_record spec = detail::decode_entry(s->load(forked)->spec).spec;
  EXPECT_EQ(spec.function, "sort");
  EXPECT_EQ(spec.replaces, detail::predecessor(done_, failed_child_));
  EXPECT_THAT(banyan({"ls"}).out, HasSubstr(forked.str()));
}

TEST_P(Cli, ForkRefusesAChildOfAnotherTree) {
  const program_end end = banyan({"fork", live_.str(), "--from", failed_child_.str()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr(failed_child_.str() + " is not below " + live_.str()));
  EXPECT_THAT(banyan({"fork", live_.str()}).err, HasSubstr("--from is required"));
}

}  // namespace
}  // namespace banyan::test
