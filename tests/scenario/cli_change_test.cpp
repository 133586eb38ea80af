#include <thread>

#include <banyan/runtime.hpp>

#include "messages/family.hpp"
#include "messages/json.hpp"
#include "tests/scenario/cli_fixture.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Takes notices as a driver does, until it is destroyed.
class polling {
 public:
  explicit polling(detail::store& s)
      : thread_([&s](const std::stop_token& stop) {
          EXPECT_TRUE(wait_until([&] {
            s.take_notices();
            return stop.stop_requested();
          }));
        }) {}

 private:
  std::jthread thread_;
};

TEST_P(Cli, CancelRecordsTheCancellationAndTellsTheDriver) {
  const polling driver(*driver_);
  const program_end end = banyan({"cancel", live_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(end.out, live_.str() + " is cancelled: the program that runs it knows\n");
  EXPECT_EQ(view(live_).status, status::cancelled);
  EXPECT_EQ(view(live_).failure.code, errc::cancelled);
  EXPECT_EQ(view(live_child_).status, status::running);
}

TEST_P(Cli, CancelSaysWhenTheDriverDoesNotLook) {
  const program_end end = banyan({"cancel", live_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr("recorded, but the program that runs it has not looked yet"));
  EXPECT_THAT(driver_->take_notices(), ElementsAre(live_));
}

TEST_P(Cli, CancelWithoutADriverTakesEffectLater) {
  stop_driving();
  const program_end end = banyan({"cancel", live_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(end.out, live_.str() + " is cancelled: recorded; takes effect when a program opens this store\n");
  const auto driver = detail::open_store(url_, detail::open_mode::drive, "a test");
  EXPECT_THAT(driver->take_notices(), ElementsAre(live_));
}

TEST_P(Cli, CancelOfWhatHasEndedSaysSo) {
  const program_end end = banyan({"cancel", done_.str()});
  EXPECT_EQ(end.code, 0);
  EXPECT_EQ(end.out, done_.str() + " had ended before (success); nothing below it was open\n");
}

TEST_P(Cli, CancelOfWhatHasEndedReachesWhatIsStillOpenBelow) {
  stop_driving();
  {
    const auto driver = detail::open_store(url_, detail::open_mode::drive, "a test");
    tree_builder(*driver).result(live_, failure_of("no", false));
    driver->close();
  }
  const program_end end = banyan({"cancel", live_.str()});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_THAT(end.out, HasSubstr("had ended before (failure); cancelled below it: 2 futures: recorded; takes effect"));
  EXPECT_EQ(view(live_child_).status, status::cancelled);
  EXPECT_EQ(view(approval_).status, status::cancelled);
}

TEST_P(Cli, SetGivesAPromiseItsValue) {
  const polling driver(*driver_);
  const program_end end = banyan({"set", approval_.str(), R"({"granted": true, "by": ["ann", 7]})"});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(end.out, approval_.str() + " is set: the program that runs it knows\n");
  EXPECT_EQ(banyan({"result", approval_.str()}).out, "{\"granted\":true,\"by\":[\"ann\",7]}\n");
}

TEST_P(Cli, SetTakesANegativeNumber) {
  EXPECT_EQ(banyan({"set", approval_.str(), "-5"}).code, 0);
  EXPECT_EQ(banyan({"result", approval_.str()}).out, "-5\n");
}

TEST_P(Cli, SetDoesNotReplaceAResult) {
  const program_end end = banyan({"set", done_.str(), "1"});
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.err, "banyan: " + done_.str() + " has a result already, and keeps it: success\n");
  EXPECT_EQ(banyan({"result", done_.str()}).out, "\"sorted\"\n");
}

TEST_P(Cli, SetRefusesMalformedJson) {
  const program_end end = banyan({"set", approval_.str(), "{\"granted\": yes}"});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr("banyan: malformed JSON: parse error at line 1, column 13"));
  EXPECT_EQ(view(approval_).status, status::pending);
}

TEST_P(Cli, SetAndCancelRefuseTheKeyOfAStep) {
  EXPECT_THAT(banyan({"set", step_.str(), "1"}).err, HasSubstr("is a step of a future"));
  const program_end end = banyan({"cancel", step_.str()});
  EXPECT_EQ(end.code, 3);
  EXPECT_THAT(end.err, HasSubstr("is a step of a future"));
}

TEST_P(Cli, FailGivesAFailureWithAMessage) {
  EXPECT_EQ(banyan({"fail", approval_.str(), "refused by ann"}).code, 0);
  EXPECT_EQ(view(approval_).status, status::failure);
  const program_end end = banyan({"result", approval_.str()});
  EXPECT_EQ(end.code, 1);
  EXPECT_THAT(end.err, HasSubstr("failed: refused by ann (in approval " + approval_.str() + ")"));
}

TEST_P(Cli, SendRecordsASignalForAFunction) {
  for (const char* value : {"17", "{\"a\": [true]}"}) {
    const program_end end = banyan({"send", live_.str(), "go", value});
    EXPECT_EQ(end.code, 0) << end.err;
    EXPECT_THAT(end.out, HasSubstr("sent to " + live_.str() + ": "));
  }
  const auto s = detail::open_store(url_, detail::open_mode::read, "");
  const key second{detail::child_family(live_, 1), detail::first_signal_number + 1};
  const detail::signal_record sent = detail::decode_entry(s->load(second)->spec).signal;
  EXPECT_EQ(sent.to, live_);
  EXPECT_EQ(sent.name, "go");
  EXPECT_EQ(detail::payload_to_json(sent.value), "{\"a\":[true]}");
  EXPECT_THAT(banyan({"tree", live_.str()}).out, testing::Not(HasSubstr(second.str()))) << "a signal is no child";
}

TEST_P(Cli, SendRefusesWhatNobodyWouldReceive) {
  EXPECT_THAT(banyan({"send", done_.str(), "go", "1"}).err, HasSubstr("has a result already"));
  EXPECT_THAT(banyan({"send", approval_.str(), "go", "1"}).err, HasSubstr("has no function"));
  EXPECT_THAT(banyan({"send", step_.str(), "go", "1"}).err, HasSubstr("has no function"));
  EXPECT_THAT(banyan({"send", live_.str(), "", "1"}).err, HasSubstr("a signal has a name"));
  EXPECT_THAT(banyan({"send", live_.str(), "go", "yes"}).err, HasSubstr("malformed JSON"));
  EXPECT_THAT(banyan({"send", live_.str(), "go"}).err, HasSubstr("JSON is required"));
  EXPECT_THAT(banyan({"send", runtime::key_of("nobody").str(), "go", "1"}).err, HasSubstr("no future"));
}

TEST_P(Cli, GcForgetsWhatSettledLongAgo) {
  EXPECT_EQ(banyan({"gc"}).out, "forgot 0 trees of 0 records\n");
  EXPECT_EQ(banyan({"gc", "--older-than", "61m"}).out, "forgot 0 trees of 0 records\n");
  const program_end end = banyan({"gc", "--older-than", "59m"});
  EXPECT_EQ(end.code, 0) << end.err;
  EXPECT_EQ(end.out, "forgot 1 tree of 3 records\n");
  EXPECT_THAT(banyan({"show", done_.str()}).err, HasSubstr("no future " + done_.str()));
  EXPECT_EQ(banyan({"show", done_child_.str()}).code, 3);
}

TEST_P(Cli, GcKeepsWhatIsNotSettled) {
  banyan({"gc", "--older-than", "0s"});
  EXPECT_EQ(banyan({"show", live_.str()}).code, 0);
  EXPECT_EQ(banyan({"show", stuck_.str()}).code, 0);
}

}  // namespace
}  // namespace banyan::test
