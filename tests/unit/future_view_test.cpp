#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "persistence/tree_walk.hpp"
#include "persistence/view_json.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/tree_builder.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using nlohmann::json;
using test::call_of;
using test::failure_of;
using test::promise_of;
using test::success_of;
using test::thrown_by;
using testing::ElementsAre;
using testing::HasSubstr;

class FutureView : public test::EachStore {
 protected:
  future_view view(const key& k) {
    std::optional<future_view> v = view_future(source_, k);
    EXPECT_TRUE(v.has_value());
    return v.value_or(future_view{});
  }

  json as_json(const key& k, std::size_t depth) {
    std::string text;
    EXPECT_TRUE(view_json(source_, k, depth, 5000, [&](std::string_view piece) { text += piece; }));
    return json::parse(text);
  }

  test::tree_builder tree_{store_};
  store_source source_{store_};
  const key root_ = tree_.root("job", call_of("sort", "my job"));
};
BANYAN_OVER_EACH_STORE(FutureView);

TEST_P(FutureView, OfAFreshRootIsPending) {
  const future_view v = view(root_);
  EXPECT_EQ(v.key, root_);
  EXPECT_EQ(v.name, "my job");
  EXPECT_EQ(v.function, "sort");
  EXPECT_EQ(v.status, status::pending);
  EXPECT_EQ(v.level, 0u);
  EXPECT_EQ(v.parent, std::nullopt);
  EXPECT_EQ(v.created, 1000);
  EXPECT_EQ(v.attempt, 1u);
  EXPECT_EQ(v.progress.weight, 1);
  EXPECT_EQ(v.damage, std::nullopt);
  EXPECT_EQ(runtime_of(v, 5000), std::nullopt);
}

TEST_P(FutureView, IsNothingForAnUnknownKey) {
  EXPECT_EQ(view_future(source_, {root_.family, 1}), std::nullopt);
  EXPECT_EQ(view_future(source_, {{1, 2}, 0}), std::nullopt);
}

TEST_P(FutureView, RefusesTheKeyOfAStep) {
  const key step = tree_.step(root_, 0);
  const error e = thrown_by([&] { view_future(source_, step); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr("is a step"));
}

TEST_P(FutureView, TakesItsStatusFromTheGaugeWhileItLives) {
  tree_.gauge(root_, {status::waiting, {1, 2, 8}, 1500, 1600, false, "no function 'sort' in this program"});
  const future_view v = view(root_);
  EXPECT_EQ(v.status, status::waiting);
  EXPECT_EQ(v.progress.local, 1);
  EXPECT_EQ(v.progress.fraction(), 0.25);
  EXPECT_EQ(v.parked, "no function 'sort' in this program");
  EXPECT_EQ(runtime_of(v, 5000), 3500);
  EXPECT_EQ(runtime_of(v, 0), 0);
}

TEST_P(FutureView, TakesItsStatusFromTheResultOnceThereIsOne) {
  tree_.gauge(root_, {status::running, {1, 2, 8}, 1500, 1600, false, "parked before"});
  tree_.result(root_, success_of("\x2A"));
  const future_view v = view(root_);
  EXPECT_EQ(v.status, status::success);
  EXPECT_EQ(v.value, "\x2A");
  EXPECT_TRUE(v.settled);
  EXPECT_EQ(v.parked, "");
  EXPECT_EQ(runtime_of(v, 5000), 1500);
}

TEST_P(FutureView, OfASuccessIsDoneByItsWholeWeightEvenWhereTheGaugeLags) {
  result_record lagging = success_of("\xC0");
  lagging.gauge = {0, 3, 8};
  tree_.result(root_, lagging);
  EXPECT_EQ(view(root_).progress.fraction(), 1);
  EXPECT_EQ(view(root_).progress.calculated, 8);
}

TEST_P(FutureView, OfASuccessWithoutWeightIsWhollyDone) {
  result_record weightless = success_of("\xC0");
  weightless.gauge = {0, 0, 0};
  EXPECT_EQ(weightless.gauge.fraction(), 0);
  tree_.result(root_, weightless);
  EXPECT_EQ(view(root_).progress.fraction(), 1);
}

TEST_P(FutureView, TakesTheNewerGaugeOfAFailureThatHasChildrenLeft) {
  result_record failed = failure_of("disk full", false);
  failed.gauge = {0, 3, 8};
  tree_.result(root_, failed);
  tree_.gauge(root_, {status::failure, {0, 2, 8}, 1500, 3400, false, ""});
  EXPECT_EQ(view(root_).progress.calculated, 3);
  EXPECT_FALSE(view(root_).settled);
  tree_.gauge(root_, {status::failure, {0, 5, 8}, 1500, 3600, true, ""});
  EXPECT_EQ(view(root_).progress.calculated, 5);
  EXPECT_TRUE(view(root_).settled);
  EXPECT_EQ(view(root_).failure.message, "disk full");
}

TEST_P(FutureView, KnowsParentLevelAndAttempt) {
  tree_.failed_attempt(root_, 1, {errc::failed, "try again", "sort", root_});
  const key child = tree_.child(root_, 0, promise_of("approval"), 1, 2);
  EXPECT_EQ(view(root_).attempt, 2u);
  EXPECT_EQ(view(root_).failed_attempts.at(0).message, "try again");
  EXPECT_EQ(view(child).parent, root_);
  EXPECT_EQ(view(child).level, 1u);
  EXPECT_TRUE(view(child).promise);
  EXPECT_EQ(view(child).name, "approval");
}

TEST_P(FutureView, ListsTheChildrenOfTheNewestAttemptWithoutSteps) {
  tree_.child(root_, 0, call_of("left over"));
  tree_.failed_attempt(root_, 1, {errc::failed, "try again", "sort", root_});
  tree_.step(root_, 0, 2);
  const key a = tree_.child(root_, 1, call_of("a"), 1, 2);
  tree_.step(root_, 2, 2);
  const key b = tree_.child(root_, 3, call_of("b"), 1, 2);
  EXPECT_THAT(child_keys(source_, view(root_)), ElementsAre(a, b));
  EXPECT_THAT(child_keys(source_, view(a)), ElementsAre());
}

TEST_P(FutureView, AsJsonHasAllThatIsKnown) {
  tree_.failed_attempt(root_, 1, {errc::failed, "try again", "sort", root_});
  result_record done = success_of(encode(std::string("sorted")));
  done.attempts = 2;
  done.gauge = {1, 4, 4};
  tree_.result(root_, done);
  const json j = as_json(root_, 0);
  EXPECT_EQ(j, json::parse(R"({"key": ")" + root_.str() + R"(", "name": "my job", "function": "sort", "level": 0,
    "status": "success", "settled": true, "created": "1970-01-01T00:00:01.000Z", "started": "1970-01-01T00:00:02.000Z",
    "finished": "1970-01-01T00:00:03.500Z", "runtime": 1.5, "result": "sorted", "progress": 1.0, "local_progress": 1.0,
    "calculated_progress": 4.0, "weight": 4.0, "attempts": 2, "failed_attempts": [
      {"code": "failed", "message": "try again", "function": "sort", "origin": ")" +
                           root_.str() + R"("}]})"));
}

TEST_P(FutureView, AsJsonHasNoNumberForWhatIsNotKnown) {
  const key a = tree_.child(root_, 0, call_of("a"));
  tree_.gauge(a, {status::running, {2, 2, unknown_weight}, 1500, 1600, false, ""});
  const json open = as_json(a, 0);
  EXPECT_EQ(open.at("progress"), nullptr);
  EXPECT_EQ(open.at("weight"), nullptr);
  EXPECT_EQ(open.at("calculated_progress"), 2.0);
  result_record done = success_of(encode(1));
  done.gauge = {2, 2, unknown_weight};
  tree_.result(a, done);
  EXPECT_EQ(as_json(a, 0).at("progress"), 1.0);
  EXPECT_EQ(as_json(a, 0).at("weight"), 2.0);
}

TEST_P(FutureView, AsJsonShowsTheErrorOfAFailureAndWhyOneIsParked) {
  const key a = tree_.child(root_, 0, call_of("a"));
  const key b = tree_.child(root_, 1, call_of("b"));
  tree_.result(a, failure_of("disk full"));
  tree_.gauge(b, {status::pending, {}, 0, 1600, false, "unknown"});
  const json children = as_json(root_, 1).at("children");
  EXPECT_EQ(children.at(0).at("error"), json::parse(R"({"code": "failed", "message": "disk full"})"));
  EXPECT_FALSE(children.at(0).contains("result"));
  EXPECT_EQ(children.at(1).at("parked"), "unknown");
  EXPECT_EQ(children.at(1).at("runtime"), nullptr);
  EXPECT_EQ(children.at(1).at("parent"), root_.str());
}

TEST_P(FutureView, AsJsonGoesDownToTheDepthThatIsAskedFor) {
  const key child = tree_.child(root_, 0, call_of("child"));
  const key grandchild = tree_.child(child, 0, call_of("grandchild"), 2);
  EXPECT_FALSE(as_json(root_, 0).contains("children"));
  EXPECT_FALSE(as_json(root_, 1).at("children").at(0).contains("children"));
  const json j = as_json(root_, 2).at("children").at(0).at("children").at(0);
  EXPECT_EQ(j.at("key"), grandchild.str());
  EXPECT_EQ(j.at("level"), 2);
  EXPECT_EQ(as_json(root_, 9).at("children").at(0).at("children").at(0).at("children"), json::array());
}

TEST_P(FutureView, AsJsonShowsADamagedRecordAmongSoundOnes) {
  const key bad_spec{child_family(root_, 1), 0};
  tree_.put(write::what::spec, bad_spec, "garbage");
  const key bad_result = tree_.child(root_, 1, call_of("b"));
  tree_.put(write::what::result, bad_result, "\x92\x01");
  const key bad_attempt = tree_.child(root_, 2, call_of("c"));
  tree_.put(write::what::attempt, bad_attempt, "\x90", 1);
  tree_.result(bad_attempt, success_of("\xC1"));
  const json children = as_json(root_, 5).at("children");
  EXPECT_EQ(children.at(0).at("error").at("code"), "corrupt_record");
  EXPECT_EQ(children.at(0).at("error").at("origin"), bad_spec.str());
  EXPECT_THAT(children.at(1).at("error").at("message").get<std::string>(), HasSubstr("corrupt result record"));
  EXPECT_EQ(children.at(1).at("function"), "b");
  EXPECT_EQ(children.at(2).at("status"), "success");
  EXPECT_TRUE(children.at(2).at("result").contains("$undecodable"));
  EXPECT_THAT(children.at(2).at("damage").at("message").get<std::string>(), HasSubstr("corrupt attempt record"));
}

TEST_P(FutureView, AsJsonOfADamagedHeaderIsStillOneEntry) {
  const key child{child_family(root_, 1), 0};
  tree_.put(write::what::header, child, "garbage");
  tree_.put(write::what::spec, child, encode_spec(call_of("a")));
  EXPECT_EQ(as_json(child, 0).at("damage").at("code"), "corrupt_record");
}

TEST_P(FutureView, AsJsonOfAVeryDeepTreeCostsNoStack) {
  constexpr std::uint32_t depth = 20'000;
  key k = root_;
  for (std::uint32_t level = 1; level <= depth; ++level) k = tree_.child(k, 0, call_of("f"), level);
  std::string text;
  view_json(source_, root_, depth, 5000, [&](std::string_view piece) { text += piece; });
  EXPECT_THAT(text, HasSubstr("\"level\":20000,"));
  EXPECT_TRUE(text.ends_with("]}]}]}"));
  EXPECT_EQ(std::ranges::count(text, '{'), std::ranges::count(text, '}'));
}

TEST_P(FutureView, AsJsonComesInPieces) {
  for (std::uint64_t i = 0; i < 2000; ++i) tree_.child(root_, i, call_of("f"));
  std::size_t pieces = 0;
  std::string text;
  view_json(source_, root_, 1, 5000, [&](std::string_view piece) {
    ++pieces;
    EXPECT_LT(piece.size(), 70'000u);
    text += piece;
  });
  EXPECT_GT(pieces, 5u);
  EXPECT_EQ(json::parse(text).at("children").size(), 2000u);
}

TEST_P(FutureView, AsJsonSaysSoWhenThereIsNoSuchFuture) {
  EXPECT_FALSE(view_json(source_, {{1, 2}, 3}, 1, 5000, [](std::string_view) { ADD_FAILURE(); }));
}

TEST_P(FutureView, ShowsWhatASourceKnowsBetterThanTheRecord) {
  class live_source final : public view_source {
   public:
    explicit live_source(store& s) : records_(s) {}
    std::optional<record> load(const key& k) override { return records_.load(k); }
    bytes header(const family_id& family) override { return records_.header(family); }
    void scan(const family_id& family, const std::function<void(record&&)>& visit) override {
      records_.scan(family, visit);
    }
    void overlay(future_view& v) override { v.status = status::running; }

   private:
    store_source records_;
  };
  tree_.child(root_, 0, call_of("f"));
  live_source live(store_);
  std::string text;
  view_json(live, root_, 1, 5000, [&](std::string_view piece) { text += piece; });
  EXPECT_EQ(json::parse(text).at("status"), "running");
  EXPECT_EQ(json::parse(text).at("children").at(0).at("status"), "running");
}

TEST(IsoTime, IsUtcWithMilliseconds) {
  EXPECT_EQ(iso_time(1'750'000'000'123), "2025-06-15T15:06:40.123Z");
  EXPECT_EQ(iso_time(253'402'300'799'999), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_time(std::numeric_limits<millis>::max()), "9223372036854775807");
  EXPECT_EQ(iso_time(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(iso_time(first_time), "1677-09-21T00:12:43.146Z");
  EXPECT_EQ(iso_time(-62'135'596'800'000), "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(-62'135'596'800'001), "-62135596800001");
}

}  // namespace
}  // namespace banyan::detail
