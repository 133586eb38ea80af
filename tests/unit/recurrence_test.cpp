#include "actors/recurrence.hpp"

#include <gmock/gmock.h>

#include <banyan/fn.hpp>

#include "messages/clock.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using namespace detail;
using testing::HasSubstr;

constexpr millis made = 1000;

int adds(int a, int b) { return a + b; }
BANYAN_FUNCTION_AS(adds, "recurrence_test/adds")

bound_call call_of(int a, int b) { return banyan::bind(adds, a, b).call(); }

/// A schedule at 1010, 1020, ...
struct fixture {
  explicit fixture(every_options opts = {}) {
    opts.id = "x";
    plan = plan_of(opts, banyan::interval(10ms), call_of(1, 2));
    times = time_table::of(plan.times_of(), origin_of(plan, made));
    state = first_state(plan, made);
  }
  /// The time for which something is to be done at `now`; 0: nothing is.
  millis due_at(millis now) {
    give_up_missed(plan, *times, now, state);
    const auto next = next_time(plan, *times, state);
    return next && *next <= now ? *next : 0;
  }
  recurrence_plan plan;
  std::optional<time_table> times;
  recurrence_state state;
};

TEST(Recurrence, comes_to_each_time_once) {
  fixture f;
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), 1010);
  EXPECT_EQ(f.due_at(1009), 0);
  EXPECT_EQ(f.due_at(1010), 1010);
  begin_run(f.state, 1010);
  EXPECT_EQ(f.due_at(1010), 0);
  EXPECT_EQ(f.due_at(1019), 0);
  EXPECT_EQ(f.due_at(1023), 1020);
  skip_run(f.state, 1020);
  EXPECT_EQ(f.due_at(1023), 0);
  EXPECT_EQ(f.state, (recurrence_state{1020, 1010, true, 1, 1, 0}));
}

TEST(Recurrence, stays_where_it_is_while_the_clock_is_put_back) {
  fixture f;
  begin_run(f.state, 1050);
  EXPECT_EQ(f.due_at(1000), 0);
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), 1060);
  EXPECT_EQ(f.state.missed, 0u);
}

TEST(Recurrence, begins_with_the_time_that_it_is_given) {
  fixture f({.start_at = from_millis(5003)});
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), 5003);
  EXPECT_EQ(f.due_at(5002), 0);
  EXPECT_EQ(f.due_at(5003), 5003);
  begin_run(f.state, 5003);
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), 5013);
}

TEST(Recurrence, makes_up_for_the_last_time_that_was_missed) {
  fixture f;
  EXPECT_EQ(f.due_at(1055), 1050);
  EXPECT_EQ(f.state.missed, 4u);
}

TEST(Recurrence, makes_up_for_all_times_that_were_missed_in_order) {
  fixture f({.catch_up = catch_up::all});
  for (const millis t : {1010, 1020, 1030}) {
    EXPECT_EQ(f.due_at(1035), t);
    begin_run(f.state, t);
  }
  EXPECT_EQ(f.due_at(1035), 0);
  EXPECT_EQ(f.state.missed, 0u);
}

TEST(Recurrence, makes_up_for_no_more_than_a_thousand_times) {
  fixture f({.catch_up = catch_up::all});
  EXPECT_EQ(f.due_at(1000 + 1'000'000'000'000), 1000 + 1'000'000'000'000 - 9990);
  EXPECT_EQ(f.state.missed, 100'000'000'000u - 1000);
}

TEST(Recurrence, makes_up_for_nothing_that_is_too_late) {
  for (const catch_up how : {catch_up::once, catch_up::all}) {
    fixture f({.catch_up = how, .max_late = 4ms});
    EXPECT_EQ(f.due_at(1055), 0);
    EXPECT_EQ(f.state.missed, 5u);
    EXPECT_EQ(f.due_at(1064), 1060) << "so late is not too late";
    EXPECT_EQ(f.due_at(1065), 0);
    EXPECT_EQ(f.state.missed, 6u);
  }
  fixture f({.catch_up = catch_up::all, .max_late = 15ms});
  EXPECT_EQ(f.due_at(1055), 1040);
  EXPECT_EQ(f.state.missed, 3u);
}

TEST(Recurrence, ends_after_so_many_runs) {
  fixture f({.times = 2});
  begin_run(f.state, f.due_at(1010));
  skip_run(f.state, f.due_at(1020));
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), 1030);
  begin_run(f.state, f.due_at(1030));
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), std::nullopt);
}

TEST(Recurrence, ends_with_its_last_time) {
  fixture f({.until = from_millis(1030)});
  EXPECT_EQ(f.due_at(2000), 1030) << "it is made up for, and what would come later was not missed";
  EXPECT_EQ(f.state.missed, 2u);
  begin_run(f.state, 1030);
  EXPECT_EQ(next_time(f.plan, *f.times, f.state), std::nullopt);
  fixture late({.max_late = 5ms, .until = from_millis(1030)});
  EXPECT_EQ(late.due_at(2000), 0);
  EXPECT_EQ(next_time(late.plan, *late.times, late.state), std::nullopt);
}

TEST(Recurrence, of_cron_begins_after_its_call_or_with_the_time_that_it_is_given) {
  const millis noon = 1714564800000;  // 2024-05-01 12:00
  recurrence_plan plan = plan_of({.id = "x"}, banyan::cron("0 * * * *"), call_of(1, 2));
  const auto times = *time_table::of(plan.times_of(), 0);
  EXPECT_EQ(next_time(plan, times, first_state(plan, noon)), noon + 3'600'000);
  plan.start_at = noon;
  EXPECT_EQ(next_time(plan, times, first_state(plan, 5)), noon);
}

TEST(Recurrence, of_cron_that_begins_long_ago_gives_up_its_times_at_once) {
  const millis noon = 1714564800000;  // 2024-05-01 12:00
  recurrence_plan plan = plan_of({.id = "x", .catch_up = catch_up::all}, banyan::cron("* * * * *"), call_of(1, 2));
  const auto times = *time_table::of(plan.times_of(), 0);
  plan.start_at = 0;
  recurrence_state s = first_state(plan, noon);
  give_up_missed(plan, times, noon, s);
  EXPECT_EQ(next_time(plan, times, s), noon - 999 * 60'000);
  EXPECT_EQ(s.missed, static_cast<std::uint64_t>(noon / 60'000 + 1 - 1000));
  plan.start_at = first_time;
  s = first_state(plan, noon);
  give_up_missed(plan, times, noon, s);
  EXPECT_EQ(next_time(plan, times, s), noon - 999 * 60'000);
}

TEST(Recurrence, of_which_nothing_is_ever_too_late_makes_up) {
  fixture f({.max_late = std::chrono::milliseconds::max()});
  EXPECT_EQ(f.due_at(1055), 1050);
}

TEST(RecurrencePlan, travels) {
  every_options opts{.id = "nightly",
                     .overlap = overlap::cancel,
                     .catch_up = catch_up::all,
                     .max_late = 1min,
                     .start_at = from_millis(1),
                     .until = from_millis(2),
                     .times = 3,
                     .run = {.weight = 4, .retry = {.max_attempts = 5}, .keep = keep::none}};
  const recurrence_plan plan = plan_of(opts, banyan::cron("@daily", "Asia/Tokyo"), call_of(1, 2));
  const auto back = decode<recurrence_plan>(encode(plan), "a plan");
  EXPECT_EQ(encode(back), encode(plan));
  EXPECT_EQ(differences(plan, back), "");
  EXPECT_EQ(back.run.value.name, "nightly");
  EXPECT_EQ(back.when_open(), overlap::cancel);
  EXPECT_EQ(back.times_of(), banyan::cron("@daily", "Asia/Tokyo"));
}

TEST(RecurrencePlan, of_an_older_banyan_has_the_defaults_of_what_it_does_not_say) {
  const std::map<std::string, int> said{{"interval", 5}};
  const auto plan = decode<recurrence_plan>(encode(said), "a plan");
  EXPECT_EQ(plan.times_of(), banyan::interval(5ms));
  EXPECT_EQ(plan.when_open(), overlap::skip);
  EXPECT_FALSE(plan.max_late);
}

TEST(RecurrencePlan, says_how_another_one_differs) {
  const every_options opts{.id = "x"};
  const recurrence_plan plan = plan_of(opts, banyan::interval(1s), call_of(1, 2));
  EXPECT_THAT(differences(plan, plan_of(opts, banyan::cron("@daily"), call_of(1, 2))),
              HasSubstr("interval(1000 ms), not cron(\"@daily\", \"UTC\")"));
  EXPECT_THAT(differences(plan, plan_of(opts, banyan::interval(1s), call_of(1, 3))), HasSubstr("other arguments"));
  EXPECT_THAT(differences(plan, plan_of(opts, banyan::interval(1s), {"other", 0, ""})), HasSubstr("not other"));
  EXPECT_THAT(differences(plan, plan_of({.id = "x", .run = {.weight = 2}}, banyan::interval(1s), call_of(1, 2))),
              HasSubstr("runs have other options"));
  EXPECT_THAT(differences(plan, plan_of({.id = "x", .times = 2}, banyan::interval(1s), call_of(1, 2))),
              HasSubstr("times"));
}

struct refusal {
  const char* name;
  every_options opts;
  const char* says;
};

void PrintTo(const refusal& r, std::ostream* out) { *out << r.name; }

class RefusedRecurrence : public testing::TestWithParam<refusal> {};

TEST_P(RefusedRecurrence, says_what_is_wrong) {
  const error e = thrown_by([] { plan_of(GetParam().opts, banyan::interval(1s), call_of(1, 2)); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Of, RefusedRecurrence,
    testing::Values(refusal{"no_id", {}, "takes an id"},
                    refusal{"overlap", {.id = "x", .overlap = static_cast<overlap>(4)}, "unknown overlap"},
                    refusal{"catch_up", {.id = "x", .catch_up = static_cast<catch_up>(2)}, "unknown catch_up"},
                    refusal{"max_late", {.id = "x", .max_late = 0ms}, "max_late"},
                    refusal{"times", {.id = "x", .times = 0}, "times is at least 1"},
                    refusal{"until", {.id = "x", .start_at = from_millis(2), .until = from_millis(1)}, "(until)"},
                    refusal{"run_id", {.id = "x", .run = {.id = "y"}}, "the id belongs to the schedule"},
                    refusal{"run_start_after", {.id = "x", .run = {.start_after = 1s}}, "run takes no start_after"},
                    refusal{"run_start_at", {.id = "x", .run = {.start_at = from_millis(1)}}, "no start_at"},
                    refusal{"run_durable", {.id = "x", .run = {.durable = false}}, "runs are durable"},
                    refusal{"run_retry", {.id = "x", .run = {.retry = {.max_attempts = 0}}}, "max_attempts"},
                    refusal{"run_parent", {.id = "x", .run = {.on_parent_done = on_parent_done::cancel}}, "children"}),
    [](const auto& i) { return std::string(i.param.name); });

TEST(RecurrencePlan, refuses_a_schedule_without_times) {
  EXPECT_THAT(thrown_by([] { plan_of({.id = "x"}, {}, call_of(1, 2)); }).message(), HasSubstr("has no times"));
}

}  // namespace
}  // namespace banyan::test
