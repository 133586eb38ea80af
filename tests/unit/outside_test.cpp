#include <gmock/gmock.h>

#include "messages/family.hpp"
#include "persistence/outside.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/tree_builder.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using test::call_of;
using test::failure_of;
using test::promise_of;
using test::success_of;
using test::thrown_by;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class Outside : public test::EachStore {
 protected:
  std::optional<result_record> result_of(const key& k) {
    const std::optional<record> r = store_.load(k);
    if (!r || r->result.empty()) return std::nullopt;
    return decode_result(r->result);
  }
  bool cancelled(const key& k) {
    const auto r = result_of(k);
    return r && r->outcome == status::cancelled;
  }

  test::tree_builder tree_{store_};
  const key root_ = tree_.root("job", call_of("sort"));
};
BANYAN_OVER_EACH_STORE(Outside);

TEST_P(Outside, ASetValueIsTheResultAndTheDriverIsTold) {
  const key promise = tree_.child(root_, 0, promise_of("approval"));
  const outside_answer answer = set_result_from_outside(store_, promise, *make_success("\x2A"), 9000);
  EXPECT_TRUE(answer.won);
  const auto r = result_of(promise);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->outcome, status::success);
  EXPECT_EQ(r->value, "\x2A");
  EXPECT_EQ(r->finished, 9000);
  EXPECT_EQ(r->attempts, 1u);
  EXPECT_FALSE(r->settled);
  EXPECT_EQ(r->gauge.fraction(), 1);
  EXPECT_TRUE(store_.notice_pending(promise));
  EXPECT_THAT(store_.take_notices(), ElementsAre(promise));
  EXPECT_FALSE(store_.notice_pending(promise));
}

TEST_P(Outside, ASetErrorSaysWhereItCameFrom) {
  set_result_from_outside(store_, root_, *make_failure({errc::failed, "refused", {}, {}}), 9000);
  const auto r = result_of(root_);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->outcome, status::failure);
  EXPECT_EQ(r->failure.message, "refused");
  EXPECT_EQ(r->failure.function, "sort");
  EXPECT_EQ(r->failure.origin, root_);
}

TEST_P(Outside, AResultKeepsWhatTheGaugeKnew) {
  tree_.failed_attempt(root_, 1, {errc::failed, "try again", "sort", root_});
  tree_.gauge(root_, {status::running, {1, 2, 8}, 1500, 1600, false, ""});
  set_result_from_outside(store_, root_, *make_failure({errc::failed, "refused", {}, {}}), 9000);
  EXPECT_EQ(result_of(root_)->attempts, 2u);
  EXPECT_EQ(result_of(root_)->started, 1500);
  EXPECT_EQ(result_of(root_)->gauge.calculated, 2);
}

TEST_P(Outside, TheFirstResultStays) {
  tree_.result(root_, success_of("\x01"));
  const outside_answer answer = set_result_from_outside(store_, root_, *make_success("\x02"), 9000);
  EXPECT_FALSE(answer.won);
  EXPECT_EQ(answer.result.value, "\x01");
  EXPECT_EQ(result_of(root_)->value, "\x01");
  EXPECT_THAT(store_.take_notices(), IsEmpty());
}

TEST_P(Outside, AnUnknownKeyIsNotFound) {
  EXPECT_EQ(thrown_by([&] { cancel_from_outside(store_, {{1, 2}, 3}, 9000); }).code(), errc::not_found);
  EXPECT_EQ(thrown_by([&] {
              set_result_from_outside(store_, {{1, 2}, 3}, *make_success("\x01"), 9000);
            }).code(),
            errc::not_found);
}

TEST_P(Outside, AStepCannotBeChanged) {
  const key step = tree_.step(root_, 0);
  const error e = thrown_by([&] { cancel_from_outside(store_, step, 9000); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr(step.str() + " is a step"));
}

TEST_P(Outside, CancellingAnOpenFutureLeavesTheRestToTheDriver) {
  const key child = tree_.child(root_, 0, call_of("a"));
  const cancel_answer answer = cancel_from_outside(store_, root_, 9000);
  EXPECT_TRUE(answer.won);
  EXPECT_EQ(answer.below, 0u);
  EXPECT_TRUE(cancelled(root_));
  EXPECT_EQ(result_of(root_)->failure.message, "cancelled from outside");
  EXPECT_EQ(result_of(root_)->failure.origin, root_);
  EXPECT_EQ(result_of(child), std::nullopt);
  EXPECT_THAT(store_.take_notices(), ElementsAre(root_));
}

TEST_P(Outside, CancellingADecidedFutureCancelsWhatIsOpenBelow) {
  tree_.failed_attempt(root_, 1, {errc::failed, "try again", "sort", root_});
  tree_.result(root_, success_of("\x01", false));
  const key earlier = tree_.child(root_, 0, call_of("earlier"));
  tree_.step(root_, 0, 2);
  const key open = tree_.child(root_, 1, call_of("open"), 1, 2);
  const key decided = tree_.child(root_, 2, call_of("decided"), 1, 2);
  tree_.result(decided, failure_of("no", false));
  const key below = tree_.child(decided, 0, promise_of("below"), 2);
  const cancel_answer answer = cancel_from_outside(store_, root_, 9000);
  EXPECT_FALSE(answer.won);
  EXPECT_EQ(answer.result.outcome, status::success);
  EXPECT_EQ(answer.below, 3u);
  EXPECT_TRUE(cancelled(earlier) && cancelled(open) && cancelled(below));
  EXPECT_EQ(result_of(decided)->outcome, status::failure);
  EXPECT_THAT(store_.take_notices(), UnorderedElementsAre(earlier, open, below));
}

TEST_P(Outside, CancellingDoesNotLookBelowWhatIsSettled) {
  tree_.result(root_, success_of("\x01", false));
  const key by_result = tree_.child(root_, 0, call_of("a"));
  tree_.result(by_result, success_of("\x01", true));
  const key by_gauge = tree_.child(root_, 1, call_of("b"));
  tree_.result(by_gauge, success_of("\x01", false));
  tree_.gauge(by_gauge, {status::success, {}, 0, 4000, true, ""});
  const key hidden = tree_.child(by_result, 0, call_of("hidden"), 2);
  const key hidden_too = tree_.child(by_gauge, 0, call_of("hidden too"), 2);
  EXPECT_EQ(cancel_from_outside(store_, root_, 9000).below, 0u);
  EXPECT_FALSE(cancelled(hidden) || cancelled(hidden_too));
}

TEST_P(Outside, CancellingLeavesDetachedFuturesAlone) {
  tree_.result(root_, success_of("\x01", false));
  spec_record spec = call_of("audit");
  spec.opts = std::make_shared<options>(options{.on_parent_done = on_parent_done::detach});
  const key detached = tree_.child(root_, 0, spec);
  EXPECT_EQ(cancel_from_outside(store_, root_, 9000).below, 0u);
  EXPECT_TRUE(cancel_from_outside(store_, detached, 9000).won);
}

TEST_P(Outside, CancellingTwiceIsHarmless) {
  EXPECT_TRUE(cancel_from_outside(store_, root_, 9000).won);
  const cancel_answer again = cancel_from_outside(store_, root_, 9001);
  EXPECT_FALSE(again.won);
  EXPECT_EQ(again.result.outcome, status::cancelled);
  EXPECT_EQ(again.result.finished, 9000);
}

TEST_P(Outside, CancellingReachesDeepAndWide) {
  tree_.result(root_, success_of("\x01", false));
  key k = root_;
  for (std::uint32_t level = 1; level <= 5000; ++level) {
    k = tree_.child(k, 0, call_of("f"), level);
    tree_.result(k, success_of("\x01", false));
  }
  for (std::uint64_t i = 0; i < 1000; ++i) tree_.child(k, i, call_of("leaf"), 5001);
  EXPECT_EQ(cancel_from_outside(store_, root_, 9000).below, 1000u);
}

TEST_P(Outside, AFutureWithADamagedRecordCanBeEnded) {
  const key damaged{child_family(root_, 1), 0};
  tree_.put(write::what::spec, damaged, "garbage");
  tree_.put(write::what::gauge, damaged, "garbage");
  EXPECT_TRUE(cancel_from_outside(store_, damaged, 9000).won);
}

TEST_P(Outside, ADamagedResultIsNamed) {
  tree_.put(write::what::result, root_, "garbage");
  const error e = thrown_by([&] { cancel_from_outside(store_, root_, 9000); });
  EXPECT_EQ(e.code(), errc::corrupt_record);
  EXPECT_THAT(e.message(), HasSubstr(root_.str()));
}

}  // namespace
}  // namespace banyan::detail
