#include "actors/option_rules.hpp"

#include <gmock/gmock.h>

#include <limits>

#include <banyan/detail/recorded_run.hpp>

#include "messages/clock.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;
using testing::HasSubstr;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

struct refusal {
  const char* name;
  options opts;
  const char* says;
};

void PrintTo(const refusal& r, std::ostream* out) { *out << r.name; }

void expect_refused(const std::function<void()>& check, const char* says) {
  const error e = thrown_by(check);
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr(says));
}

class RefusedOption : public testing::TestWithParam<refusal> {};

TEST_P(RefusedOption, is_named_for_children_as_for_roots) {
  const refusal& r = GetParam();
  expect_refused([&] { detail::check_child_options(r.opts); }, r.says);
  expect_refused([&] { detail::check_root_options(r.opts); }, r.says);
}

INSTANTIATE_TEST_SUITE_P(
    Each, RefusedOption,
    testing::Values(
        refusal{"negative_weight", {.weight = -0.5}, "weight"}, refusal{"no_weight", {.weight = nan}, "weight"},
        refusal{"timeout_of_nothing", {.timeout = 0ms}, "timeout"},
        refusal{"negative_timeout", {.timeout = -1ms}, "timeout"},
        refusal{"negative_start_after", {.start_after = -1ms}, "start_after"},
        refusal{"two_starts", {.start_after = 1ms, .start_at = system_clock::time_point{}}, "start_after or start_at"},
        refusal{"unknown_on_parent_done", {.on_parent_done = on_parent_done{3}}, "on_parent_done"},
        refusal{"unknown_keep", {.keep = keep{3}}, "keep"},
        refusal{"no_attempt", {.retry = {.max_attempts = 0}}, "max_attempts"},
        refusal{"negative_first_delay", {.retry = {.first_delay = -1ms}}, "delays"},
        refusal{"negative_max_delay", {.retry = {.max_delay = -1ms}}, "delays"},
        refusal{"shrinking_factor", {.retry = {.factor = 0.99}}, "factor"},
        refusal{"no_factor", {.retry = {.factor = nan}}, "factor"},
        refusal{"infinite_factor", {.retry = {.factor = infinite}}, "factor"},
        refusal{"negative_jitter", {.retry = {.jitter = -0.1}}, "jitter"},
        refusal{"too_much_jitter", {.retry = {.jitter = 1.1}}, "jitter"},
        refusal{"no_jitter", {.retry = {.jitter = nan}}, "jitter"},
        refusal{"negative_descendants", {.budget = {.descendants = -1}}, "descendants"},
        refusal{"no_depth", {.budget = {.depth = 0}}, "depth"}, refusal{"no_bytes", {.budget = {.bytes = 0}}, "bytes"}),
    [](const auto& i) { return i.param.name; });

TEST(OptionRules, take_the_defaults_and_what_is_just_within_the_bounds) {
  const options bounds{.weight = 0,
                       .retry = {.max_attempts = 1, .first_delay = 0ms, .factor = 1, .max_delay = 0ms, .jitter = 1},
                       .timeout = 1ms,
                       .start_after = 0ms,
                       .keep = keep::none,
                       .budget = {.descendants = 0, .depth = 1, .bytes = 1}};
  for (const options& opts : {options{}, bounds}) {
    EXPECT_NO_THROW(detail::check_child_options(opts));
    EXPECT_NO_THROW(detail::check_root_options(opts));
  }
}

TEST(OptionRules, give_a_retention_to_roots_only) {
  EXPECT_NO_THROW(detail::check_root_options({.retention = 0s}));
  EXPECT_NO_THROW(detail::check_root_options({.retention = std::chrono::seconds::max()}));
  expect_refused([] { detail::check_root_options({.retention = -1s}); }, "retention is not negative");
  expect_refused([] { detail::check_child_options({.retention = 1s}); }, "retention is for roots");
}

TEST(OptionRules, give_an_id_to_roots_only) {
  const options named{.id = "nightly"};
  EXPECT_NO_THROW(detail::check_root_options(named));
  expect_refused([&] { detail::check_child_options(named); }, "id is for roots");
}

TEST(OptionRules, give_a_parent_policy_to_children_only) {
  for (const on_parent_done policy : {on_parent_done::cancel, on_parent_done::detach}) {
    const options bound{.on_parent_done = policy};
    EXPECT_NO_THROW(detail::check_child_options(bound));
    expect_refused([&] { detail::check_root_options(bound); }, "on_parent_done is for children");
  }
}

TEST(StartTime, is_at_once_unless_one_is_given) { EXPECT_EQ(detail::start_time({}, 5000), 0); }

TEST(StartTime, is_so_long_after_now_or_at_the_time_given) {
  EXPECT_EQ(detail::start_time({.start_after = 250ms}, 5000), 5250);
  EXPECT_EQ(detail::start_time({.start_after = 0ms}, 5000), 5000);
  EXPECT_EQ(detail::start_time({.start_at = detail::from_millis(7000)}, 5000), 7000);
}

TEST(StartTime, that_is_too_far_away_is_the_last_that_clocks_can_tell) {
  const detail::millis last = detail::to_millis(system_clock::time_point::max());
  EXPECT_EQ(detail::start_time({.start_after = std::chrono::milliseconds::max()}, 5000), last);
  EXPECT_EQ(detail::start_time({.start_after = std::chrono::milliseconds(last)}, 5000), last);
  EXPECT_EQ(detail::start_time({.start_at = system_clock::time_point::max()}, 5000), last);
  EXPECT_GT(detail::from_millis(last), system_clock::now());
}

TEST(OptionRules, leave_out_of_the_record_what_has_done_its_work) {
  const options given{.name = "a label",
                      .id = "nightly",
                      .weight = 2,
                      .timeout = 5ms,
                      .start_after = 1ms,
                      .start_at = system_clock::time_point(7ms)};
  const auto recorded = detail::recorded_options(given);
  EXPECT_TRUE(recorded->id.empty());
  EXPECT_FALSE(recorded->start_after);
  EXPECT_FALSE(recorded->start_at);
  EXPECT_EQ(recorded->name.str(), "a label");
  EXPECT_EQ(recorded->weight, 2);
  EXPECT_EQ(recorded->timeout, 5ms);
}

TEST(OptionRules, are_others_for_what_is_adopted) {
  expect_refused([] { detail::check_adopted_options({.durable = false}); }, "durable");
  expect_refused([] { detail::check_adopted_options({.retention = 1s}); }, "retention");
  expect_refused([] { detail::check_adopted_options({.weight = -1}); }, "weight");
  EXPECT_NO_THROW(detail::check_adopted_options({.id = "once", .on_parent_done = on_parent_done::cancel}));
}

}  // namespace
}  // namespace banyan::test
