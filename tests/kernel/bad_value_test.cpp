#include <cstdlib>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

const std::string too_long(max_name + 1, 'n');
const std::string long_enough(max_name, 'n');

int one_more(int n) { return n + 1; }
BANYAN_FUNCTION(one_more)

void is_told(std::string /*bound*/, future_handle /*of*/) {}
BANYAN_FUNCTION(is_told)

int throws_much(std::size_t size) { throw std::runtime_error(std::string(size, 'e')); }
BANYAN_FUNCTION(throws_much)

task<int> throws_through(context& ctx, int levels, std::size_t size) {
  if (levels == 0) {
    const future<int> leaf = ctx.spawn(throws_much, size);
    co_return co_await leaf;
  }
  const future<int> child = ctx.spawn(throws_through, levels - 1, size);
  co_return co_await child;
}
BANYAN_FUNCTION(throws_through)

int fails_in_a_step_with(std::size_t size) { throw std::runtime_error(std::string(size, 's')); }

task<int> fails_in_a_step(context& ctx, std::size_t size) {
  const auto step = [size] { return fails_in_a_step_with(size); };
  co_return co_await ctx.run("fails", step);
}
BANYAN_FUNCTION(fails_in_a_step)

/// The code of the error that a call throws in a function, and what it says.
task<std::string> is_refused_inside(context& ctx, int what, std::string name) {
  const future<int> nothing;
  const std::vector<future<int>> none{nothing};
  const std::vector<future<int>> one{ctx.spawn(one_more, 1)};
  try {
    switch (what) {
      case 0: ctx.promise<int>(name); break;
      case 1: co_await ctx.run(name, [] { return 1; }); break;
      case 2: ctx.spawn({.name = name}, one_more, 1); break;
      case 3: co_await nothing; break;
      case 4: co_await all(none); break;
      case 5: co_await any(nothing, one[0]); break;
      case 6: co_await gather(one, static_cast<errors>(7)); break;
      case 7: co_await wait(one, {.until = static_cast<banyan::wait_until>(7)}); break;
      case 8: {
        auto done = as_completed(one);
        const auto batch = co_await done.next_batch(0);
        break;
      }
      case 9: co_await with_timeout(nothing, 1s); break;
      case 10: ctx.spawn({.on_success = banyan::bind(is_told, std::string(5000, 'x'))}, one_more, 1); break;
      default: break;
    }
  } catch (const error& e) {
    co_return std::string(to_string(e.code())) + ": " + e.message();
  }
  co_return "fine";
}
BANYAN_FUNCTION(is_refused_inside)

/// What makes no sense is refused where it enters, with its name.
class P9_bad_value : public Kernel {
 protected:
  P9_bad_value() { options.limits.max_payload = 4096; }

  future<int> spawn_with(const banyan::options& opts) { return rt().spawn(opts, one_more, 1); }
  /// A future whose record was forgotten.
  future<int> forgotten() {
    const auto f = rt().spawn(one_more, 1);
    f.get();
    rt().wait_idle();
    rt().forget(f.key());
    return f;
  }
  void expect_refused(const banyan::options& opts, const std::string& what) {
    const error e = thrown_by([&] { spawn_with(opts); });
    EXPECT_EQ(e.code(), errc::invalid_argument) << what;
    EXPECT_THAT(e.message(), HasSubstr(what));
  }
};
BANYAN_OVER_EACH_STORE(P9_bad_value);

TEST_P(P9_bad_value, a_name_is_bounded) {
  expect_refused({.name = too_long}, "options: name has at most 1024 bytes, not 1025");
  expect_refused({.id = too_long}, "options: id");
  expect_refused({.queue = too_long}, "options: queue");
  expect_refused({.placement = banyan::placement::role(too_long)}, "options: the name in placement");
  EXPECT_EQ(spawn_with({.name = long_enough, .id = long_enough}).get(), 2);
  EXPECT_EQ(code_of([&] { rt().every({.id = too_long}, interval(1h), one_more, 1); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { banyan::debounce(one_more, {.name = too_long}); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { banyan::critical_section(too_long, one_more); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { banyan::critical_section("", one_more); }), errc::invalid_argument);
  EXPECT_EQ(rt().spawn(banyan::critical_section(long_enough, one_more), 1).get(), 2);
  const auto open = rt().spawn(is_refused_inside, -1, "");
  EXPECT_THAT(thrown_by([&] { open.send(too_long, 1); }).message(), HasSubstr("a signal's name"));
  EXPECT_EQ(rt().spawn(is_refused_inside, 0, long_enough).get(), "fine");
  for (int what = 0; what < 3; ++what) {
    EXPECT_THAT(rt().spawn(is_refused_inside, what, too_long).get(),
                AllOf(StartsWith("invalid_argument: "), HasSubstr("has at most 1024 bytes")))
        << what;
  }
}

TEST_P(P9_bad_value, what_a_handler_holds_is_bounded_as_arguments_are) {
  const auto much = banyan::bind(is_told, std::string(5000, 'x'));
  for (const auto& opts : {banyan::options{.on_success = much}, banyan::options{.on_all_children_settled = much}}) {
    const error e = thrown_by([&] { spawn_with(opts); });
    EXPECT_EQ(e.code(), errc::too_large);
    EXPECT_THAT(e.message(), HasSubstr("the bound arguments of is_told"));
  }
  const auto f = rt().spawn(one_more, 1);
  EXPECT_EQ(code_of([&] { f.on_success(much); }), errc::too_large);
  EXPECT_THAT(rt().spawn(is_refused_inside, 10, "").get(), StartsWith("too_large: "));
}

TEST_P(P9_bad_value, a_message_from_outside_is_bounded_as_values_are) {
  const auto f = rt().spawn({.start_after = 1h}, one_more, 1);
  const error e = thrown_by([&] { f.set_error(std::string(4097, 'x')); });
  EXPECT_EQ(e.code(), errc::too_large);
  EXPECT_THAT(e.message(), HasSubstr("the message has 4097 bytes, the limit is 4096"));
  EXPECT_TRUE(f.set_error(std::string(4096, 'x')));
}

TEST_P(P9_bad_value, what_an_exception_says_is_cut) {
  const auto says = AllOf(SizeIs(64u << 10), StartsWith("eee"), EndsWith("... (cut: it had 30000000 bytes)"));
  EXPECT_THAT(thrown_by([&] { rt().spawn(throws_much, 30'000'000).get(); }).message(), says);
  EXPECT_THAT(thrown_by([&] { rt().spawn(throws_through, 5, 30'000'000).get(); }).message(), says);
  EXPECT_THAT(thrown_by([&] { rt().spawn(fails_in_a_step, 300'000).get(); }).message(),
              AllOf(SizeIs(64u << 10), EndsWith("... (cut: it had 300000 bytes)")));
}

TEST_P(P9_bad_value, a_handle_that_names_nothing_cannot_be_awaited) {
  for (const int what : {3, 4, 5, 9}) {
    EXPECT_EQ(rt().spawn(is_refused_inside, what, "").get(), "invalid_argument: this handle names no future") << what;
  }
  const std::vector<future<int>> nothing(1);
  EXPECT_EQ(code_of([&] { nothing[0].wait_for(1s); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().wait(nothing); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().as_completed(nothing); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().gather(nothing); }), errc::invalid_argument);
}

TEST_P(P9_bad_value, who_waits_for_what_was_forgotten_hears_so) {
  const auto gone = forgotten();
  EXPECT_EQ(code_of([&] { gone.wait_for(20s); }), errc::not_found);
  EXPECT_EQ(code_of([&] { gone.get(); }), errc::not_found);
  const auto open = rt().spawn({.start_after = 1h}, one_more, 1);
  EXPECT_EQ(code_of([&] { rt().wait(std::vector{gone, open}); }), errc::not_found);
  EXPECT_EQ(code_of([&] { rt().gather(std::vector{open, gone}); }), errc::not_found);
  auto done = rt().as_completed(std::vector{gone});
  EXPECT_EQ(code_of([&] { done.next(); }), errc::not_found);
}

TEST_P(P9_bad_value, what_is_out_of_range_is_refused) {
  EXPECT_THAT(rt().spawn(is_refused_inside, 6, "").get(), HasSubstr("no such kind of errors"));
  EXPECT_THAT(rt().spawn(is_refused_inside, 7, "").get(), HasSubstr("no such wait_until"));
  EXPECT_THAT(rt().spawn(is_refused_inside, 8, "").get(), HasSubstr("invalid_argument: next_batch"));
  const std::vector one{rt().spawn(one_more, 1)};
  EXPECT_EQ(code_of([&] { rt().gather(one, static_cast<errors>(2)); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().wait(one, {.until = static_cast<banyan::wait_until>(3)}); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().collect_garbage(-1s); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().map({.id = "one"}, one_more, std::vector<int>{1, 2}); }), errc::invalid_argument);
}

TEST_P(P9_bad_value, a_schedule_is_one_that_interval_or_cron_makes) {
  const auto code = [&](const schedule& s) { return code_of([&] { rt().every({.id = "bad"}, s, one_more, 1); }); };
  EXPECT_EQ(code({.length = -5ms}), errc::invalid_argument);
  EXPECT_EQ(code({.length = std::chrono::years(101)}), errc::invalid_argument);
  EXPECT_EQ(code({.expression = "every day", .zone = "UTC"}), errc::invalid_argument);
  EXPECT_EQ(code({.expression = "0 3 * * *", .zone = "Nowhere/Land"}), errc::invalid_argument);
  EXPECT_EQ(code({.length = 5ms, .expression = "0 3 * * *", .zone = "UTC"}), errc::invalid_argument);
  EXPECT_EQ(code({.expression = "0 3 * * *", .zone = "UTC"}), std::nullopt);
}

error refused_runtime(const runtime_options& opts) {
  return thrown_by([&] { const runtime rt(opts); });
}

TEST(P9_bad_runtime, options_out_of_range_are_named) {
  EXPECT_THAT(refused_runtime({.retention = -1s}).message(), HasSubstr("retention is not negative"));
  EXPECT_THAT(refused_runtime({.node = {.lease = 0ms}}).message(), HasSubstr("lease takes a duration above 0"));
  EXPECT_THAT(refused_runtime({.node = {.heartbeat = -1ms}}).message(),
              HasSubstr("heartbeat takes a duration above 0"));
  EXPECT_THAT(refused_runtime({.node = {.grace = -1ms}}).message(), HasSubstr("grace takes a duration that is not"));
}

TEST(P9_bad_runtime, a_function_without_a_name_is_refused_by_each_runtime) {
  const auto opened_with = [](const std::string& name) {
    return in_child([&] {
      const detail::registration bad(name, one_more, 2);
      const runtime rt;
      return std::string("opened");
    });
  };
  EXPECT_THAT(opened_with(""), HasSubstr("a function is registered without a name"));
  EXPECT_THAT(opened_with(too_long), HasSubstr("the name of a registered function has at most 1024 bytes"));
}

TEST(P9_bad_runtime, a_level_of_the_log_that_there_is_not_is_named) {
  const char* const before = std::getenv("BANYAN_LOG");
  const std::optional<std::string> kept = before ? std::optional<std::string>(before) : std::nullopt;
  ::setenv("BANYAN_LOG", "loud", 1);
  const error e = refused_runtime({});
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr("BANYAN_LOG takes debug, info, warning, error or off, not 'loud'"));
  kept ? ::setenv("BANYAN_LOG", kept->c_str(), 1) : ::unsetenv("BANYAN_LOG");
}

}  // namespace
}  // namespace banyan::test
