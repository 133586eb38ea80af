#include "actors/engine.hpp"
#include "messages/family.hpp"
#include "tests/kernel/every_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::from_millis;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

int fails_at_first_time(context& ctx) {
  if (ctx.attempt() == 1) throw std::runtime_error("once");
  return 7;
}
BANYAN_FUNCTION(fails_at_first_time)

std::atomic<int> told_of_runs{0};
void tell_of_run(const future<int>&) { ++told_of_runs; }
BANYAN_FUNCTION(tell_of_run)
void tell_of_text(const future<std::string>&) {}
BANYAN_FUNCTION(tell_of_text)

int is_not_registered() { return 0; }

task<millis> asks_its_child(context& ctx) {
  const future<millis> child = ctx.spawn({.start_after = 20ms}, tells_its_time, 0);
  co_return to_millis(ctx.scheduled_at()) - co_await child;
}
BANYAN_FUNCTION(asks_its_child)

const every_options thrice{.id = "x", .overlap = overlap::allow, .catch_up = catch_up::all, .times = 3};

TEST_P(Every, starts_a_root_for_each_time) {
  const auto f = rt().every(thrice, interval(30ms), tells_its_time, 5);
  EXPECT_EQ(f.key(), runtime::key_of("x"));
  const millis created = to_millis(rt().roots({.function = "banyan.every"}).front().created);
  const recurrence r = f.get_for(20s);
  EXPECT_THAT(times_of("tells_its_time"), ElementsAre(created + 30, created + 60, created + 90));
  EXPECT_EQ(r.started, 3u);
  EXPECT_EQ(r.skipped, 0u);
  EXPECT_EQ(r.missed, 0u);
  EXPECT_FALSE(r.next);
  EXPECT_EQ(r.last, from_millis(created + 90));
  EXPECT_EQ(rt().find<millis>(*r.run).get_for(20s), created + 90);
  EXPECT_EQ(rt().find_handle(*r.run).to_json(0).find("\"name\":\"x\"") != std::string::npos, true);
  EXPECT_EQ(f.progress().fraction(), 1);
}

TEST_P(Every, begins_with_the_time_that_it_is_given_and_makes_up_for_what_is_over) {
  const auto now = std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now());
  const auto f = rt().every(
      {.id = "x", .overlap = overlap::queue, .catch_up = catch_up::all, .start_at = now - 49h, .until = now - 1h},
      cron("0 * * * *"), tells_its_time, 0);
  EXPECT_EQ(f.get_for(20s).started, 49u);
  const std::vector<millis> times = times_of("tells_its_time");
  EXPECT_EQ(times.front(), to_millis(now - 49h));
  EXPECT_EQ(times.back(), to_millis(now - 1h));
  EXPECT_THAT(steps_between(times), testing::AllOf(SizeIs(48), testing::Each(3'600'000)));
}

TEST_P(Every, makes_up_for_the_last_time_only_unless_it_is_told) {
  const auto now = std::chrono::floor<std::chrono::hours>(std::chrono::system_clock::now());
  const auto f =
      rt().every({.id = "x", .start_at = now - 49h, .until = now - 1h}, cron("0 * * * *"), tells_its_time, 0);
  const recurrence r = f.get_for(20s);
  EXPECT_EQ(r.missed, 48u);
  EXPECT_THAT(times_of("tells_its_time"), ElementsAre(to_millis(now - 1h)));
  const auto too_late = rt().every({.id = "y", .max_late = 30min, .start_at = now - 49h, .until = now - 1h},
                                   cron("0 * * * *"), tells_its_time, 0);
  EXPECT_EQ(too_late.get_for(20s).started, 0u);
}

TEST_P(Every, says_how_far_it_is) {
  const auto f = rt().every({.id = "x"}, interval(1h), tells_its_time, 0);
  ASSERT_TRUE(wait_until([&] { return seen(f).next.has_value(); }));
  const auto created = rt().roots().front().created;
  EXPECT_EQ(seen(f).next, created + 1h);
  EXPECT_FALSE(seen(f).last);
  EXPECT_FALSE(seen(f).run);
  EXPECT_FALSE(f.progress().known());
  EXPECT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
}

TEST_P(Every, is_the_same_for_the_same_id) {
  const auto f = rt().every(thrice, interval(1ms), tells_its_time, 5);
  EXPECT_EQ(rt().every(thrice, interval(1ms), tells_its_time, 5), f);
  f.get_for(20s);
  EXPECT_EQ(rt().every(thrice, interval(1ms), tells_its_time, 5).get_for(20s).started, 3u) << "it stays ended";
  EXPECT_THAT(runs_of("tells_its_time"), SizeIs(3));
  const auto refused = [&](const auto& call) {
    const error e = thrown_by(call);
    EXPECT_EQ(e.code(), errc::id_conflict);
    return std::string(e.message());
  };
  EXPECT_THAT(refused([&] { rt().every(thrice, interval(2ms), tells_its_time, 5); }),
              testing::AllOf(HasSubstr("the schedule 'x'"), HasSubstr("interval(1 ms), not interval(2 ms)"),
                             HasSubstr(f.key().str())));
  EXPECT_THAT(refused([&] { rt().every(thrice, interval(1ms), waits_for_go); }),
              HasSubstr("it runs tells_its_time, not waits_for_go"));
  EXPECT_THAT(refused([&] { rt().every(thrice, interval(1ms), tells_its_time, 6); }), HasSubstr("other arguments"));
  EXPECT_THAT(refused([&] { rt().spawn({.id = "x"}, tells_its_time, 6); }), HasSubstr("banyan.every"));
  rt().spawn({.id = "y"}, tells_its_time, 6);
  EXPECT_THAT(refused([&] { rt().every({.id = "y"}, interval(1ms), tells_its_time, 5); }),
              HasSubstr("is taken by a call of tells_its_time"));
}

TEST_P(Every, can_be_made_anew_once_it_is_forgotten) {
  const auto f = rt().every(thrice, interval(1ms), tells_its_time, 5);
  f.get_for(20s);
  const key k = f.key();
  ASSERT_TRUE(wait_until([&] { return rt().roots({.function = "banyan.every"}).front().settled; }));
  rt().forget(k);
  EXPECT_EQ(rt().every(thrice, interval(2ms), tells_its_time, 5).get_for(20s).started, 3u);
  EXPECT_THAT(runs_of("tells_its_time"), SizeIs(6));
}

TEST_P(Every, starts_no_more_once_it_is_cancelled_and_what_runs_goes_on) {
  const auto f = rt().every({.id = "x"}, interval(5ms), waits_for_go);
  ASSERT_TRUE(await_waiting(1));
  EXPECT_TRUE(f.cancel());
  EXPECT_THROW(f.get_for(20s), cancelled);
  const key run = waiting().front();
  EXPECT_TRUE(rt().find_handle(run).send("go", 1));
  rt().find<millis>(run).get_for(20s);
  rt().wait_idle();
  EXPECT_THAT(runs_of("waits_for_go"), SizeIs(1));
  EXPECT_THROW(rt().every({.id = "x"}, interval(5ms), waits_for_go).get_for(20s), cancelled) << "it stays cancelled";
}

TEST_P(Every, skips_what_comes_while_a_run_is_open) {
  const auto f = rt().every({.id = "x", .overlap = overlap::skip}, interval(5ms), waits_for_go);
  ASSERT_TRUE(wait_until([&] { return seen(f).skipped >= 3; }));
  EXPECT_EQ(seen(f).started, 1u);
  ASSERT_TRUE(await_waiting(1));
  const key first = waiting().front();
  EXPECT_EQ(seen(f).run, first);
  EXPECT_TRUE(rt().find_handle(first).send("go", 1));
  ASSERT_TRUE(wait_until([&] { return seen(f).started == 2; }));
  ASSERT_TRUE(await_waiting(1));
  EXPECT_EQ(most_open_runs, 1);
  f.cancel();
}

TEST_P(Every, waits_for_an_open_run_where_it_is_to_queue) {
  const auto f = rt().every({.id = "x", .overlap = overlap::queue, .times = 2}, interval(5ms), waits_for_go);
  ASSERT_TRUE(await_waiting(1));
  const key first = waiting().front();
  const auto began = *seen(f).last;
  ASSERT_TRUE(wait_until([&] { return std::chrono::system_clock::now() > began + 50ms; }));
  EXPECT_EQ(seen(f).started, 1u);
  EXPECT_TRUE(rt().find_handle(first).send("go", 1));
  const recurrence r = f.get_for(20s);
  EXPECT_EQ(r.started, 2u);
  EXPECT_EQ(r.skipped, 0u);
  EXPECT_GT(r.missed, 0u) << "one waits, more do not pile up";
  ASSERT_TRUE(await_waiting(1));
  EXPECT_TRUE(rt().find_handle(waiting().front()).send("go", 1));
  EXPECT_THAT(times_of("waits_for_go"), SizeIs(2));
  EXPECT_EQ(most_open_runs, 1);
}

TEST_P(Every, runs_one_after_the_other_where_it_queues_all) {
  const auto f = rt().every({.id = "x", .overlap = overlap::queue, .catch_up = catch_up::all, .times = 20},
                            interval(1ms), takes_some_time);
  EXPECT_EQ(f.get_for(20s).missed, 0u);
  EXPECT_THAT(steps_between(times_of("takes_some_time")), testing::AllOf(SizeIs(19), testing::Each(1)));
  EXPECT_EQ(most_open_runs, 1);
}

TEST_P(Every, cancels_an_open_run_where_it_is_to) {
  const auto f = rt().every({.id = "x", .overlap = overlap::cancel, .times = 3}, interval(20ms), waits_for_go);
  EXPECT_EQ(f.get_for(20s).started, 3u);
  ASSERT_TRUE(await_waiting(1));
  const key last = waiting().front();
  EXPECT_EQ(seen(f).run, last);
  int stopped = 0;
  for (const root_info& r : runs_of("waits_for_go")) stopped += r.status == status::cancelled;
  EXPECT_EQ(stopped, 2);
  EXPECT_TRUE(rt().find_handle(last).send("go", 1));
  rt().find<millis>(last).get_for(20s);
}

TEST_P(Every, lets_runs_overlap_where_that_is_allowed) {
  rt().every(thrice, interval(1ms), waits_for_go);
  ASSERT_TRUE(await_waiting(3));
  for (const key& k : waiting()) EXPECT_TRUE(rt().find_handle(k).send("go", 1));
  EXPECT_THAT(times_of("waits_for_go"), SizeIs(3));
  EXPECT_EQ(most_open_runs, 3);
}

TEST_P(Every, gives_its_runs_their_options) {
  told_of_runs = 0;
  every_options opts{.id = "x", .overlap = overlap::queue, .times = 2};
  opts.run = {.name = "a run",
              .retry = {.max_attempts = 2, .first_delay = 1ms},
              .on_success = tell_of_run,
              .keep = keep::none,
              .retention = 0s};
  rt().every(opts, interval(1ms), fails_at_first_time).get_for(20s);
  ASSERT_TRUE(wait_until([&] { return told_of_runs == 2; }));
  rt().wait_idle();
  for (const root_info& r : runs_of("fails_at_first_time")) {
    EXPECT_EQ(r.name, "a run");
    EXPECT_EQ(r.status, status::success);
  }
  rt().collect_garbage();
  EXPECT_TRUE(wait_until([&] { return runs_of("fails_at_first_time").empty(); }));
}

TEST_P(Every, takes_functions_as_values) {
  const fn<millis(int)> f = tells_its_time;
  EXPECT_EQ(rt().every(thrice, interval(1ms), banyan::bind(f, 1)).get_for(20s).started, 3u);
}

TEST_P(Every, refuses_what_it_cannot_run) {
  EXPECT_EQ(code_of([&] { rt().every({}, interval(1ms), tells_its_time, 1); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().every({.id = "x"}, {}, tells_its_time, 1); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().every(thrice, interval(1ms), is_not_registered); }), errc::unknown_function);
  every_options text = thrice;
  text.run.on_success = tell_of_text;
  EXPECT_EQ(code_of([&] { rt().every(text, interval(1ms), fails_at_first_time); }), errc::invalid_argument);
  EXPECT_TRUE(rt().roots().empty());
}

/// What it has done is in one record that is overwritten, and nothing is left in memory.
TEST_P(Every, does_not_grow) {
  every_options opts{.id = "x", .overlap = overlap::queue, .times = 150};
  opts.run.retention = 0s;
  const auto f = rt().every(opts, interval(1ms), takes_some_time);
  ASSERT_TRUE(wait_until([&] { return seen(f).started >= 100; }, 60s));
  EXPECT_TRUE(f.children().empty());
  std::size_t records = 0;
  const auto engine = rt().engine();
  engine->data().store_of(true).scan(detail::child_family(f.key(), 1), [&](detail::record&&) { ++records; });
  EXPECT_EQ(records, 1u) << "what it has published";
  EXPECT_LE(engine->waiting().keys().size(), 1u);
  f.get_for(60s);
  rt().wait_idle();
}

TEST_P(Every, time_of_a_future_is_that_at_which_it_was_to_start) {
  const auto spawned = rt().spawn(tells_its_time, 0);
  const auto created = to_millis(rt().roots().front().created);
  EXPECT_EQ(spawned.get_for(20s), created);
  const auto at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now() - 1h);
  EXPECT_EQ(rt().spawn({.start_at = at}, tells_its_time, 0).get_for(20s), to_millis(at));
  EXPECT_LE(rt().spawn(asks_its_child).get_for(20s), -20);
}

TEST_P(Every, is_forgotten_right_after_it_was_cancelled) {
  for (int i = 0; i < 20; ++i) {
    const auto f = rt().every({.id = "x"}, interval(1ms), tells_its_time, 0);
    EXPECT_TRUE(f.cancel());
    rt().forget(f.key());
  }
}

BANYAN_OVER_EACH_STORE(Every);

}  // namespace
}  // namespace banyan::test
