#include "messages/family.hpp"
#include "persistence/signals.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Receives so many of each, first the numbers.
task<std::vector<std::string>> receives(context& ctx, int numbers, int words) {
  std::vector<std::string> all;
  for (int i = 0; i < numbers; ++i) all.push_back(std::to_string(co_await ctx.receive<int>("number")));
  for (int i = 0; i < words; ++i) all.push_back(co_await ctx.receive<std::string>("word"));
  co_return all;
}
BANYAN_FUNCTION(receives)

/// Sends numbers to another, then fails once.
std::atomic<int> sender_runs{0};
task<int> sends_and_fails_once(context& ctx, future<std::vector<std::string>> to, int count) {
  for (int i = 0; i < count; ++i) to.send("number", i);
  ++sender_runs;
  if (ctx.attempt() == 1) throw std::runtime_error("once");
  co_return count;
}
BANYAN_FUNCTION(sends_and_fails_once)

/// Its first attempt fails after it has received.
task<int> fails_after_receiving(context& ctx) {
  const int first = co_await ctx.receive<int>("number");
  if (ctx.attempt() == 1) throw std::runtime_error("once");
  co_return 10 * first + co_await ctx.receive<int>("number");
}
BANYAN_FUNCTION(fails_after_receiving)

task<int> receives_or_not(context& ctx, int ms) {
  const auto n = co_await ctx.receive_for<int>("number", std::chrono::milliseconds(ms));
  co_return n.value_or(-1);
}
BANYAN_FUNCTION(receives_or_not)

task<int> times_out_then_receives(context& ctx) {
  const auto none = co_await ctx.receive_for<int>("number", 1ms);
  ctx.publish(none.has_value());
  co_return none.value_or(0) + co_await ctx.receive<int>("number");
}
BANYAN_FUNCTION(times_out_then_receives)

struct state {
  int step = 0;
  std::string what;
  MSGPACK_DEFINE(step, what)
};

task<int> publishes(context& ctx, int steps) {
  for (int i = 1; i <= steps; ++i) {
    ctx.publish(state{i, "step"});
    co_await ctx.receive<int>("go");
  }
  ctx.publish(state{steps, "done"});
  co_return steps;
}
BANYAN_FUNCTION(publishes)

int tells_seven() { return 7; }
BANYAN_FUNCTION(tells_seven)

task<int> asks_another(context& ctx, key other) {
  const future<int> f = ctx.attach<int>(other);
  co_return co_await f + 1;
}
BANYAN_FUNCTION(asks_another)

task<std::string> awaits_its_own_step(context& ctx) {
  co_await ctx.run("a step", [] { return 1; });
  const key step{detail::child_family(ctx.key(), ctx.attempt()), 0};
  try {
    co_await ctx.attach<int>(step);
  } catch (const error& e) {
    co_return std::string(to_string(e.code())) + ": " + e.message();
  }
  co_return "it is awaited";
}
BANYAN_FUNCTION(awaits_its_own_step)

task<int> awaits_a_number(context& ctx) { co_return co_await ctx.receive<int>("number"); }
BANYAN_FUNCTION(awaits_a_number)

/// Sends the same from inside a step and after it, and is run again after it all.
task<int> sends_from_a_step(context& ctx, future<std::vector<std::string>> to) {
  co_await ctx.run("send", [&] { to.send("number", 1); });
  to.send("number", 1);
  to.send("number", 1);
  co_return co_await ctx.receive<int>("number");
}
BANYAN_FUNCTION(sends_from_a_step)

/// Its second attempt asks for one number less before it receives.
task<int> receives_at_other_numbers(context& ctx) {
  const int first = co_await ctx.receive<int>("number");
  if (ctx.attempt() == 1) co_await ctx.sleep(1ms);
  const int second = co_await ctx.receive<int>("number");
  if (ctx.attempt() == 1) throw std::runtime_error("once");
  co_return 100 * first + 10 * second + co_await ctx.receive<int>("number");
}
BANYAN_FUNCTION(receives_at_other_numbers)

class Signals : public Kernel {
 protected:
  void await_published(const future<int>& f, int step) {
    ASSERT_TRUE(wait_until([&] {
      const auto s = f.published<state>();
      return s && s->step >= step;
    }));
  }
};

TEST_P(Signals, are_received_in_order_and_by_name) {
  const auto f = rt().spawn(receives, 3, 2);
  for (const char* word : {"a", "b"}) EXPECT_TRUE(f.send("word", std::string(word)));
  for (const int n : {1, 2, 3}) EXPECT_TRUE(f.send("number", n));
  EXPECT_THAT(f.get_for(20s), ElementsAre("1", "2", "3", "a", "b"));
  EXPECT_FALSE(f.send("number", 4)) << "it has a result";
}

TEST_P(Signals, wait_for_a_function_that_has_not_started) {
  const auto f = rt().spawn({.start_after = 200ms}, receives, 1, 0);
  EXPECT_TRUE(f.send("number", 5));
  EXPECT_THAT(f.get_for(20s), ElementsAre("5"));
}

TEST_P(Signals, of_many_senders_are_neither_lost_nor_doubled) {
  constexpr int senders = 8;
  constexpr int each = 50;
  const auto f = rt().spawn(receives, senders * each, 0);
  std::vector<std::thread> threads;
  for (int s = 0; s < senders; ++s) {
    threads.emplace_back([&f, s] {
      for (int i = 0; i < each; ++i) EXPECT_TRUE(f.send("number", s * each + i));
    });
  }
  for (std::thread& t : threads) t.join();
  std::vector<int> got;
  for (const std::string& text : f.get_for(30s)) got.push_back(std::stoi(text));
  for (int s = 0; s < senders; ++s) {
    std::vector<int> of_one;
    std::ranges::copy_if(got, std::back_inserter(of_one), [&](int n) { return n / each == s; });
    EXPECT_EQ(of_one.size(), static_cast<std::size_t>(each));
    EXPECT_TRUE(std::ranges::is_sorted(of_one)) << "what one sends is received in its order";
  }
}

TEST_P(Signals, that_a_future_sends_are_sent_once_in_all_its_attempts) {
  sender_runs = 0;
  const auto f = rt().spawn(receives, 6, 0);
  const auto sender = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms}}, sends_and_fails_once, f, 3);
  EXPECT_EQ(sender.get_for(20s), 3);
  EXPECT_EQ(sender_runs, 2);
  for (const int n : {7, 8, 9}) EXPECT_TRUE(f.send("number", n));
  EXPECT_THAT(f.get_for(20s), ElementsAre("0", "1", "2", "7", "8", "9"));
}

TEST_P(Signals, stay_received_in_the_next_attempt) {
  const auto f = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms}}, fails_after_receiving);
  EXPECT_TRUE(f.send("number", 4));
  EXPECT_TRUE(f.send("number", 2));
  EXPECT_EQ(f.get_for(20s), 42);
}

TEST_P(Signals, are_received_once_by_an_attempt_that_goes_another_way) {
  const auto f = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms}}, receives_at_other_numbers);
  for (const int n : {1, 2, 3}) EXPECT_TRUE(f.send("number", n));
  EXPECT_EQ(f.get_for(20s), 123);
}

TEST_P(Signals, are_there_again_for_a_tree_that_is_run_again) {
  const auto f = rt().spawn({.retry = {.child_failures = false}}, fails_after_receiving);
  EXPECT_TRUE(f.send("number", 4));
  EXPECT_THROW(f.get_for(20s), failure);
  ASSERT_TRUE(wait_until([&] { return f.to_json().find("\"settled\":true") != std::string::npos; }));
  // It receives what the first one did, and fails as that.
  EXPECT_THROW(f.retry().get_for(20s), failure);
}

TEST_P(Signals, that_are_waited_for_leave_the_runtime_idle) {
  const auto f = rt().spawn(awaits_a_number);
  ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  rt().wait_idle();
  EXPECT_TRUE(f.send("number", 1));
  EXPECT_EQ(f.get_for(20s), 1);
}

TEST_P(Signals, that_do_not_come_in_time_are_not_waited_for) {
  EXPECT_EQ(rt().spawn(receives_or_not, 1).get_for(20s), -1);
  EXPECT_EQ(rt().spawn(receives_or_not, -5).get_for(20s), -1);
  const auto f = rt().spawn(receives_or_not, 100'000);
  EXPECT_TRUE(f.send("number", 3));
  EXPECT_EQ(f.get_for(20s), 3);
}

TEST_P(Signals, that_came_too_late_are_there_for_the_next) {
  const auto f = rt().spawn(times_out_then_receives);
  ASSERT_TRUE(wait_until([&] { return f.published<bool>().has_value(); }));
  EXPECT_TRUE(f.send("number", 3));
  EXPECT_EQ(f.get_for(20s), 3);
}

TEST_P(Signals, of_the_wrong_type_fail_the_function) {
  const auto f = rt().spawn(receives, 1, 0);
  EXPECT_TRUE(f.send("number", std::string("no number")));
  EXPECT_THAT(thrown_by([&] { f.get_for(20s); }).message(), HasSubstr("the signal number"));
}

TEST_P(Signals, to_what_cannot_receive_them_are_refused) {
  const auto f = rt().spawn(awaits_a_number);
  EXPECT_EQ(code_of([&] { f.send("", 1); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { f.send("number", std::string(17u << 20, 'x')); }), errc::too_large);
  EXPECT_TRUE(f.send("number", 1));
  EXPECT_EQ(f.get_for(20s), 1);
  const future<int> nobody(runtime::key_of("nobody"), f.runtime_id());
  EXPECT_EQ(code_of([&] { nobody.send("number", 1); }), errc::not_found);
  EXPECT_EQ(code_of([&] { static_cast<void>(nobody.published<int>()); }), errc::not_found);
}

TEST_P(Signals, do_not_keep_a_waiting_future_from_being_cancelled) {
  const auto f = rt().spawn(awaits_a_number);
  ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  EXPECT_TRUE(f.cancel());
  EXPECT_THROW(f.get_for(20s), cancelled);
}

TEST_P(Signals, are_no_children) {
  const auto f = rt().spawn(publishes, 1);
  await_published(f, 1);
  EXPECT_TRUE(f.send("other", 1));
  EXPECT_TRUE(f.children().empty());
  EXPECT_THAT(f.to_json(3), HasSubstr("\"children\":[]"));
  EXPECT_TRUE(f.send("go", 1));
  EXPECT_EQ(f.get_for(20s), 1);
}

TEST_P(Signals, go_with_the_records_of_a_future_that_keeps_none) {
  const auto f = rt().spawn({.keep = keep::none, .retention = 0s}, receives, 1, 0);
  EXPECT_TRUE(f.send("number", 1));
  EXPECT_THAT(f.get_for(20s), ElementsAre("1"));
  ASSERT_TRUE(wait_until([&] { return rt().roots().empty() || rt().roots().front().settled; }));
  rt().collect_garbage(0s);
  EXPECT_EQ(code_of([&] { f.status(); }), errc::not_found);
}

TEST_P(Signals, what_is_published_is_seen_until_the_next) {
  const auto f = rt().spawn(publishes, 2);
  for (const int step : {1, 2}) {
    await_published(f, step);
    EXPECT_EQ(f.published<state>()->what, "step");
    EXPECT_TRUE(f.send("go", 1));
  }
  EXPECT_EQ(f.get_for(20s), 2);
  EXPECT_EQ(f.published<state>()->what, "done");
  EXPECT_EQ(code_of([&] { static_cast<void>(f.published<int>()); }), errc::bad_payload);
  EXPECT_FALSE(rt().spawn(tells_seven).published<int>());
}

TEST_P(Signals, a_step_is_no_future_to_be_awaited) {
  EXPECT_THAT(rt().spawn(awaits_its_own_step).get_for(patience),
              testing::AllOf(HasSubstr("invalid_argument"), HasSubstr("is a step of a future")));
}

TEST_P(Signals, any_future_can_be_awaited_by_its_key) {
  const auto other = rt().spawn(awaits_a_number);
  const auto f = rt().spawn(asks_another, other.key());
  const auto g = rt().spawn(asks_another, other.key());
  EXPECT_TRUE(other.send("number", 6));
  EXPECT_EQ(f.get_for(20s), 7);
  EXPECT_EQ(g.get_for(20s), 7);
  EXPECT_EQ(thrown_by([&] { rt().spawn(asks_another, runtime::key_of("nobody")).get_for(20s); }).code(),
            errc::not_found);
}

class SignalsAfterARestart : public Kernel {};

TEST_P(SignalsAfterARestart, are_received_once) {
  const auto f = rt().spawn(receives, 4, 1);
  EXPECT_TRUE(f.send("number", 1));
  EXPECT_TRUE(f.send("word", std::string("x")));
  EXPECT_TRUE(f.send("number", 2));
  const key k = f.key();
  for (const int n : {3, 4}) {
    ASSERT_TRUE(wait_until([&] { return rt().find_handle(k).status() == status::waiting; }));
    restart();
    EXPECT_TRUE(rt().find<int>(k).send("number", n));
  }
  EXPECT_THAT(rt().find<std::vector<std::string>>(k).get_for(20s), ElementsAre("1", "2", "3", "4", "x"));
}

TEST_P(SignalsAfterARestart, that_were_sent_around_a_recorded_step_are_sent_once) {
  const auto to = rt().spawn(receives, 4, 0);
  const auto f = rt().spawn(sends_from_a_step, to);
  ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  const key receiver = to.key();
  const key sender = f.key();
  for (int i = 0; i < 2; ++i) {
    restart();
    ASSERT_TRUE(wait_until([&] { return rt().find_handle(sender).status() == status::waiting; }));
  }
  EXPECT_TRUE(rt().find_handle(receiver).send("number", 2));
  EXPECT_THAT(rt().find<std::vector<std::string>>(receiver).get_for(20s), ElementsAre("1", "1", "1", "2"));
  EXPECT_TRUE(rt().find_handle(sender).send("number", 5));
  EXPECT_EQ(rt().find<int>(sender).get_for(20s), 5);
}

TEST_P(SignalsAfterARestart, what_was_published_does_not_go_back) {
  const auto f = rt().spawn(publishes, 3);
  for (int step = 1; step <= 2; ++step) {
    ASSERT_TRUE(wait_until([&] { return f.published<state>().value_or(state{}).step == step; }));
    EXPECT_TRUE(f.send("go", 1));
  }
  ASSERT_TRUE(wait_until([&] { return f.published<state>()->step == 3; }));
  const key k = f.key();
  restart();
  const auto again = rt().find<int>(k);
  EXPECT_EQ(again.published<state>()->step, 3);
  ASSERT_TRUE(wait_until([&] { return again.status() == status::waiting; }));
  EXPECT_EQ(again.published<state>()->step, 3);
  EXPECT_TRUE(again.send("go", 1));
  EXPECT_EQ(again.get_for(20s), 3);
}

TEST_P(SignalsAfterARestart, of_another_program_are_received) {
  const auto f = rt().spawn(receives, 3, 0);
  ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  const auto other = detail::open_store(url, detail::open_mode::outside, "");
  const auto send = [&](int n) {
    return detail::send_from_outside(*other, {f.key(), "number", detail::random_sending(), detail::encode(n)});
  };
  for (const int n : {1, 2, 3}) EXPECT_TRUE(send(n));
  EXPECT_THAT(f.get_for(20s), ElementsAre("1", "2", "3"));
  EXPECT_FALSE(send(4));
}

BANYAN_OVER_EACH_STORE(Signals);
BANYAN_OVER_SHARED_STORES(SignalsAfterARestart);

}  // namespace
}  // namespace banyan::test
