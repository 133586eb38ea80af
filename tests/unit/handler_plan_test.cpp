#include <gmock/gmock.h>

#include "actors/handler_plan.hpp"

namespace banyan::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

handler call_of(const char* name) { return handler(handler_call{{name, 0, {}}, nullptr, until_success}); }

/// One of each, so that the number of a handler is that of its event.
options one_of_each() {
  options opts;
  for (const auto e : {handler_event::success, handler_event::failure, handler_event::progress,
                       handler_event::all_children_success, handler_event::all_children_settled}) {
    handlers_for(opts, e) = handlers({call_of("f")});
  }
  return opts;
}

class HandlerPlan : public testing::Test {
 protected:
  const options opts_ = one_of_each();
  handler_plan plan_{opts_};
};

TEST_F(HandlerPlan, calls_after_a_success_those_for_it_and_the_last_of_progress) {
  EXPECT_THAT(plan_.after_result(status::success), ElementsAre(0, 2));
}

TEST_F(HandlerPlan, calls_after_a_failure_those_for_it) {
  EXPECT_THAT(plan_.after_result(status::failure), ElementsAre(1, 2));
}

TEST_F(HandlerPlan, takes_a_cancellation_for_a_failure) {
  EXPECT_THAT(plan_.after_result(status::cancelled), ElementsAre(1, 2));
}

TEST_F(HandlerPlan, calls_both_kinds_when_all_children_succeeded) {
  EXPECT_THAT(plan_.after_children(true, std::nullopt), ElementsAre(3, 4));
}

TEST_F(HandlerPlan, calls_one_kind_when_a_child_did_not_succeed) {
  EXPECT_THAT(plan_.after_children(false, std::nullopt), ElementsAre(4));
}

TEST_F(HandlerPlan, takes_no_success_of_children_for_one_of_a_future_that_failed) {
  EXPECT_THAT(plan_.after_children(true, status::failure), ElementsAre(4));
}

TEST_F(HandlerPlan, closes_once_when_children_and_result_are_there) {
  EXPECT_FALSE(plan_.close());
  plan_.after_result(status::success);
  EXPECT_FALSE(plan_.close());
  EXPECT_TRUE(plan_.awaits_children());
  plan_.after_children(true, status::success);
  EXPECT_FALSE(plan_.awaits_children() || plan_.awaits_result());
  EXPECT_TRUE(plan_.close());
  EXPECT_FALSE(plan_.close());
}

TEST_F(HandlerPlan, numbers_several_of_a_kind_in_their_order) {
  options opts;
  opts.on_failure = {call_of("a"), call_of("b")};
  opts.on_success = call_of("c");
  handler_plan plan(opts);
  ASSERT_EQ(plan.all().size(), 3u);
  EXPECT_EQ(plan.all()[1].call->call.function, "a");
  EXPECT_EQ(plan.all()[2].call->call.function, "b");
  EXPECT_THAT(plan.after_result(status::failure), ElementsAre(1, 2));
}

TEST_F(HandlerPlan, without_handlers_calls_nothing) {
  const options none;
  handler_plan plan(none);
  EXPECT_THAT(plan.after_result(status::success), IsEmpty());
  EXPECT_FALSE(has_handlers(none));
}

}  // namespace
}  // namespace banyan::detail
