#include "actors/lifecycle.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace banyan::detail {
namespace {

using phase = lifecycle::phase;

constexpr std::array phases{phase::idle,        phase::running,   phase::outside, phase::draining,
                            phase::backing_off, phase::recording, phase::decided, phase::settled};

const outcome_ptr success = make_success("value");
const outcome_ptr failed = make_failure({errc::failed, "it broke"});
const outcome_ptr was_cancelled = make_cancelled({errc::cancelled, "no longer wanted"});
const retry_policy twice{.max_attempts = 2};
const retry_policy once{};

/// A future in this phase with nothing open below it, but for one that is decided: it has an open child. Its result, if
/// any, is a success.
lifecycle in(phase wanted) {
  lifecycle l;
  if (wanted == phase::idle) return l;
  l.start();
  if (wanted == phase::outside) l.function_pending();
  if (wanted == phase::draining || wanted == phase::backing_off) l.function_failed(failed, false, twice);
  if (wanted == phase::backing_off) l.attempt_recorded();
  if (wanted >= phase::recording) l.function_returned(success);
  if (wanted == phase::decided) l.child_opened();
  if (wanted >= phase::decided) l.result_recorded(success);
  return l;
}

struct event {
  struct reaction {
    phase in;
    phase to;
    effects carried_out;
  };

  std::string name;
  std::function<effects(lifecycle&)> happen;
  std::vector<reaction> reactions;  ///< in all other phases it is ignored
};

void PrintTo(const event& e, std::ostream* out) { *out << e.name; }

class EachEvent : public testing::TestWithParam<event> {};

TEST_P(EachEvent, has_its_effects_where_it_belongs_and_is_ignored_elsewhere) {
  for (const phase before : phases) {
    SCOPED_TRACE("in phase " + std::to_string(static_cast<int>(before)));
    lifecycle l = in(before);
    ASSERT_EQ(l.current(), before);
    event::reaction expected{before, before, 0};
    for (const event::reaction& r : GetParam().reactions) {
      if (r.in == before) expected = r;
    }
    EXPECT_EQ(GetParam().happen(l), expected.carried_out);
    EXPECT_EQ(l.current(), expected.to);
  }
}

constexpr effects cancelled_now = record_result | stop_children;

INSTANTIATE_TEST_SUITE_P(
    Of, EachEvent,
    testing::Values(
        event{"start", [](lifecycle& l) { return l.start(); }, {{phase::idle, phase::running, start_function}}},
        event{"value",
              [](lifecycle& l) { return l.function_returned(success); },
              {{phase::running, phase::recording, stop_bound_children | record_result}}},
        event{"pending", [](lifecycle& l) { return l.function_pending(); }, {{phase::running, phase::outside, 0}}},
        event{"failure_with_a_retry",
              [](lifecycle& l) { return l.function_failed(failed, false, twice); },
              {{phase::running, phase::draining, record_attempt | stop_children},
               {phase::outside, phase::draining, record_attempt | stop_children}}},
        event{"last_failure",
              [](lifecycle& l) { return l.function_failed(failed, false, once); },
              {{phase::running, phase::recording, record_result | stop_children},
               {phase::outside, phase::recording, record_result | stop_children}}},
        event{"attempt_recorded",
              [](lifecycle& l) { return l.attempt_recorded(); },
              {{phase::draining, phase::backing_off, back_off}}},
        event{"backed_off",
              [](lifecycle& l) { return l.backed_off(); },
              {{phase::backing_off, phase::running, start_function}}},
        event{"own_result_recorded",
              [](lifecycle& l) { return l.result_recorded(success); },
              {{phase::idle, phase::settled, stop_bound_children | settle},
               {phase::running, phase::decided, abort_function | stop_bound_children},
               {phase::outside, phase::settled, stop_bound_children | settle},
               {phase::draining, phase::settled, stop_bound_children | settle},
               {phase::backing_off, phase::settled, stop_bound_children | settle},
               {phase::recording, phase::settled, settle}}},
        event{"anothers_result_recorded",
              [](lifecycle& l) { return l.result_recorded(was_cancelled); },
              {{phase::idle, phase::settled, stop_children | settle},
               {phase::running, phase::decided, abort_function | stop_children},
               {phase::outside, phase::settled, stop_children | settle},
               {phase::draining, phase::settled, stop_children | settle},
               {phase::backing_off, phase::settled, stop_children | settle},
               {phase::recording, phase::settled, stop_children | settle}}},
        event{"stop",
              [](lifecycle& l) { return l.stop(was_cancelled); },
              {{phase::idle, phase::recording, cancelled_now},
               {phase::running, phase::recording, abort_function | cancelled_now},
               {phase::outside, phase::recording, cancelled_now},
               {phase::draining, phase::recording, cancelled_now},
               {phase::backing_off, phase::recording, cancelled_now},
               {phase::recording, phase::recording, stop_children},
               {phase::decided, phase::decided, stop_children}}},
        event{"function_gone", [](lifecycle& l) { return l.function_gone(); }, {}},
        event{"closed_child",
              [](lifecycle& l) {
                if (l.current() != phase::decided) l.child_opened();
                return l.child_closed();
              },
              {{phase::decided, phase::settled, settle}}},
        event{"closed_lingering_child",
              [](lifecycle& l) {
                l.child_lingers();
                return l.lingering_child_closed();
              },
              {}}),
    [](const auto& i) { return i.param.name; });

TEST(Lifecycle, numbers_its_effects_in_the_order_in_which_they_are_carried_out) {
  EXPECT_LT(abort_function, record_attempt);
  EXPECT_LT(record_attempt, record_result);
  EXPECT_LT(record_result, stop_children);
  EXPECT_LT(stop_children, stop_bound_children);
  EXPECT_LT(stop_bound_children, back_off);
  EXPECT_LT(back_off, start_function);
  EXPECT_LT(start_function, settle);
}

TEST(Lifecycle, goes_on_after_the_attempts_that_have_failed_before) {
  EXPECT_EQ(lifecycle().attempt(), 1u);
  lifecycle l(1);
  EXPECT_EQ(l.attempt(), 2u);
  l.start();
  EXPECT_TRUE(l.function_failed(failed, false, twice) & record_result);
}

TEST(Lifecycle, knows_whether_its_function_is_alive) {
  lifecycle l;
  EXPECT_FALSE(l.function_alive());
  l.start();
  EXPECT_TRUE(l.function_alive());
  l.stop(was_cancelled);
  EXPECT_TRUE(l.function_alive());
  l.function_gone();
  EXPECT_FALSE(l.function_alive());
  EXPECT_FALSE(in(phase::outside).function_alive());
  EXPECT_FALSE(in(phase::draining).function_alive());
  EXPECT_FALSE(in(phase::recording).function_alive());
}

TEST(Lifecycle, has_no_result_before_it_is_given_one) {
  for (const phase p : phases) {
    const bool undecided = p < phase::recording;
    EXPECT_EQ(in(p).undecided(), undecided);
    EXPECT_EQ(in(p).result(), undecided ? nullptr : success);
  }
}

TEST(Lifecycle, shows_the_result_that_was_recorded_whoever_wrote_it) {
  lifecycle l = in(phase::recording);
  const outcome_ptr theirs = make_success("theirs");
  l.result_recorded(theirs);
  EXPECT_EQ(l.result(), theirs);
  l.result_recorded(was_cancelled);
  EXPECT_EQ(l.result(), theirs);
}

TEST(Lifecycle, keeps_its_result_when_it_is_stopped_too_late) {
  lifecycle l = in(phase::recording);
  l.stop(was_cancelled);
  EXPECT_EQ(l.result(), success);
}

TEST(Lifecycle, keeps_the_first_of_two_stops) {
  lifecycle l = in(phase::outside);
  l.stop(was_cancelled);
  l.stop(failed);
  EXPECT_EQ(l.result(), was_cancelled);
}

TEST(Lifecycle, drops_what_a_stopped_function_comes_to) {
  lifecycle l = in(phase::running);
  l.stop(was_cancelled);
  EXPECT_EQ(l.function_returned(success), 0u);
  EXPECT_EQ(l.result(), was_cancelled);
  EXPECT_EQ(l.result_recorded(was_cancelled), settle);
}

TEST(Lifecycle, drops_the_failure_of_a_stopped_function_and_does_not_retry_it) {
  lifecycle l = in(phase::running);
  l.stop(was_cancelled);
  EXPECT_EQ(l.function_failed(failed, false, twice), 0u);
  EXPECT_EQ(l.current(), phase::recording);
  EXPECT_EQ(l.failure(), nullptr);
}

TEST(Lifecycle, is_not_settled_before_its_function_is_gone) {
  lifecycle l = in(phase::running);
  EXPECT_EQ(l.result_recorded(success), abort_function | stop_bound_children);
  EXPECT_EQ(l.function_gone(), settle);
}

TEST(Lifecycle, tells_its_function_again_that_it_is_over_when_another_result_wins) {
  lifecycle l = in(phase::running);
  EXPECT_EQ(l.stop(was_cancelled), abort_function | cancelled_now);
  EXPECT_EQ(l.result_recorded(success), abort_function | stop_bound_children);
  EXPECT_EQ(l.function_returned(success), settle);
}

TEST(Lifecycle, is_not_settled_before_all_of_its_children) {
  lifecycle l = in(phase::running);
  l.child_opened();
  l.child_opened();
  l.function_returned(success);
  EXPECT_FALSE(l.closing());
  EXPECT_EQ(l.result_recorded(success), 0u);
  EXPECT_EQ(l.child_closed(), 0u);
  EXPECT_EQ(l.open_children(), 1u);
  EXPECT_EQ(l.child_closed(), settle);
}

TEST(Lifecycle, is_not_settled_before_the_children_that_outlived_their_attempt) {
  lifecycle l = in(phase::running);
  l.child_lingers();
  l.function_returned(success);
  EXPECT_FALSE(l.closing());
  EXPECT_EQ(l.result_recorded(success), 0u);
  EXPECT_EQ(l.lingering_child_closed(), settle);
}

TEST(Lifecycle, is_closing_when_nothing_is_open_below_its_result) {
  EXPECT_TRUE(in(phase::recording).closing());
  EXPECT_FALSE(in(phase::decided).closing());
  lifecycle l = in(phase::running);
  l.stop(was_cancelled);
  EXPECT_FALSE(l.closing());
  l.function_gone();
  EXPECT_TRUE(l.closing());
}

TEST(Lifecycle, that_is_taken_up_with_a_result_stops_what_the_result_takes_down) {
  lifecycle succeeded;
  EXPECT_EQ(succeeded.resume_decided(success), stop_bound_children);
  lifecycle broken;
  EXPECT_EQ(broken.resume_decided(failed), stop_children);
  EXPECT_EQ(broken.current(), phase::decided);
  EXPECT_EQ(broken.result(), failed);
  broken.child_opened();
  EXPECT_EQ(broken.child_closed(), settle);
}

}  // namespace
}  // namespace banyan::detail
