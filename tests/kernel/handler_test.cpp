#include <map>

#include "tests/kernel/given_numbers.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// What handlers were told, by the name of a test.
class told_list {
 public:
  void add(const std::string& topic, const std::string& what) {
    const std::lock_guard lock(mutex_);
    told_[topic].push_back(what);
  }
  std::vector<std::string> of(const std::string& topic) const {
    const std::lock_guard lock(mutex_);
    const auto it = told_.find(topic);
    return it == told_.end() ? std::vector<std::string>() : it->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> told_;
};

told_list told;
std::atomic<int> topics{0};

void tell_value(const std::string& topic, future<int> f) { told.add(topic, std::to_string(f.get())); }
BANYAN_FUNCTION(tell_value)

void tell_status(const std::string& topic, future_handle f) { told.add(topic, std::string(to_string(f.status()))); }
BANYAN_FUNCTION(tell_status)

task<> tell_doubled(context& ctx, std::string topic, future<int> f) {
  const future<int> twice = ctx.spawn(give, 2 * co_await f);
  told.add(topic, std::to_string(co_await twice));
}
BANYAN_FUNCTION(tell_doubled)

std::atomic<int> refusals{0};

void refuse_twice(const std::string& topic, future<int> f) {
  if (++refusals <= 2) throw std::runtime_error("not now");
  tell_value(topic, f);
}
BANYAN_FUNCTION(refuse_twice)

int give_at_third(int n) {
  if (++refusals <= 2) throw std::runtime_error("not now");
  return n;
}
BANYAN_FUNCTION(give_at_third)

task<> tell_by_a_child(context& ctx, std::string topic, future<int> f) {
  const future<int> child = ctx.spawn(give_at_third, co_await f);
  told.add(topic, std::to_string(co_await child));
}
BANYAN_FUNCTION(tell_by_a_child)

task<int> leave_a_child(context& ctx) {
  ctx.spawn(give, 1);
  co_return 5;
}
BANYAN_FUNCTION(leave_a_child)

task<long> pick_one(context& ctx) {
  std::vector<future<int>> both{ctx.spawn(give, 1), ctx.promise<int>("never")};
  static_cast<void>(co_await any(both));
  co_return pending;
}
BANYAN_FUNCTION(pick_one)

void refuse(future_handle) { throw permanent_failure("never"); }
BANYAN_FUNCTION(refuse)

int fail(const std::string& why) { throw std::runtime_error(why); }
BANYAN_FUNCTION(fail)

task<int> wait_for_word(context& ctx) {
  const auto word = ctx.promise<int>("word");
  co_return co_await word;
}
BANYAN_FUNCTION(wait_for_word)

task<> tell_when_told(context& ctx, std::string topic, future<int>) {
  const auto word = ctx.promise<int>("word");
  static_cast<void>(co_await word);
  told.add(topic, "told");
}
BANYAN_FUNCTION(tell_when_told)

task<int> move_on(context& ctx, int steps) {
  ctx.set_weight(steps);
  for (int i = 1; i <= steps; ++i) {
    const future<int> word = ctx.promise<int>("step");
    static_cast<void>(co_await word);
    ctx.set_progress(i);
  }
  co_return steps;
}
BANYAN_FUNCTION(move_on)

long plus(long a, int b) { return a + b; }
BANYAN_FUNCTION(plus)

long refuse_to_add(long, int) { throw std::runtime_error("does not add"); }
BANYAN_FUNCTION(refuse_to_add)

task<long> split(context& ctx, std::vector<int> parts) {
  for (const int p : parts) {
    if (p == 1000) {
      ctx.promise<int>("late");
    } else if (p < 0) {
      ctx.spawn(fail, "part " + std::to_string(p));
    } else {
      ctx.spawn(give, p);
    }
  }
  co_return pending;
}
BANYAN_FUNCTION(split)

task<long> split_off_a_failure(context& ctx) {
  ctx.spawn({.on_parent_done = on_parent_done::detach}, fail, "off it goes");
  co_return pending;
}
BANYAN_FUNCTION(split_off_a_failure)

task<long> split_and_heed(context& ctx, int good, std::string why) {
  const auto bad = ctx.spawn(fail, why);
  try {
    static_cast<void>(co_await bad);
  } catch (const failure&) {
  }
  ctx.spawn(give, good);
  co_return pending;
}
BANYAN_FUNCTION(split_and_heed)

/// The results of the children that succeeded, and how many did not.
void sum_what_there_is(future<long> f) {
  long sum = 0;
  for (const future_handle& child : f.children()) {
    if (child.status() == status::success) sum += future<int>(child).get();
  }
  f.set_value(sum);
}
BANYAN_FUNCTION(sum_what_there_is)

task<int> with_child(context& ctx, std::string topic, int ms) {
  const auto child = ctx.spawn(
      {.start_after = std::chrono::milliseconds(ms), .on_failure = banyan::bind(tell_status, topic)}, give, 1);
  const auto word = ctx.promise<int>("word");
  if (co_await word == 0) throw std::runtime_error("the word was nothing");
  child.cancel();
  co_return co_await word;
}
BANYAN_FUNCTION(with_child)

class Handlers : public Kernel {
 protected:
  const std::string topic = "topic " + std::to_string(++topics);
  std::vector<std::string> heard() const { return told.of(topic); }
  /// Its child would start in an hour; the word ends it.
  future<int> parent_of_one_that_waits(int word) {
    const auto f = rt().spawn(with_child, topic, 3'600'000);
    std::vector<future_handle> children;
    EXPECT_TRUE(wait_until([&] { return (children = f.children()).size() == 2; }));
    future<int>(children.at(1)).set_value(word);
    return f;
  }
  void settle(const future_handle& f) {
    // Its own state comes before those of others.
    EXPECT_TRUE(wait_until([&] {
      const std::string json = f.to_json(0);
      return json.compare(json.find("\"settled\":"), 14, "\"settled\":true") == 0;
    }));
  }
};

BANYAN_OVER_EACH_STORE(Handlers);

TEST_P(Handlers, of_success_are_called_with_the_future) {
  const auto f = rt().spawn({.on_success = banyan::bind(tell_value, topic)}, give, 7);
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("7"));
}

TEST_P(Handlers, of_failure_are_called_for_failures_and_cancellations_and_for_nothing_else) {
  const banyan::options opts{.on_success = banyan::bind(tell_status, topic + "!"),
                             .on_failure = banyan::bind(tell_status, topic)};
  const auto failed = rt().spawn(opts, fail, "no");
  const auto cancelled = rt().spawn(opts, wait_for_word);
  cancelled.cancel();
  settle(failed);
  settle(cancelled);
  settle(rt().spawn({.on_failure = banyan::bind(tell_status, topic)}, give, 1));
  EXPECT_THAT(heard(), UnorderedElementsAre("failure", "cancelled"));
  EXPECT_THAT(told.of(topic + "!"), IsEmpty());
}

TEST_P(Handlers, may_be_several_and_are_futures_that_spawn_and_await) {
  const auto f =
      rt().spawn({.on_success = {banyan::bind(tell_value, topic), banyan::bind(tell_doubled, topic)}}, give, 4);
  settle(f);
  EXPECT_THAT(heard(), UnorderedElementsAre("4", "8"));
  EXPECT_EQ(f.handlers().size(), 2u);
  EXPECT_THAT(f.children(), IsEmpty());
}

TEST_P(Handlers, are_tried_again_until_they_succeed) {
  refusals = 0;
  const retry_policy soon{.max_attempts = 10, .first_delay = 1ms};
  const auto f = rt().spawn({.on_success = handler(banyan::bind(refuse_twice, topic), soon)}, give, 3);
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("3"));
}

TEST_P(Handlers, are_tried_again_when_what_they_await_fails) {
  refusals = 0;
  retry_policy soon = until_success;
  soon.first_delay = 1ms;
  const auto f = rt().spawn({.on_success = handler(banyan::bind(tell_by_a_child, topic), soon)}, give, 3);
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("3"));
}

TEST_P(Handlers, of_all_children_find_the_result_of_a_function_that_returned_one) {
  const retry_policy once;
  const auto f = rt().spawn({.on_all_children_success = handler(banyan::bind(tell_value, topic), once)}, leave_a_child);
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("5"));
}

TEST_P(Handlers, that_fail_are_seen_and_change_nothing) {
  const auto f = rt().spawn({.on_success = refuse}, give, 5);
  settle(f);
  EXPECT_EQ(f.get(), 5);
  ASSERT_EQ(f.handlers().size(), 1u);
  EXPECT_EQ(f.handlers()[0].status(), status::failure);
  EXPECT_THAT(f.to_json(), HasSubstr("\"handlers\":[{"));
  EXPECT_THAT(f.to_json(), HasSubstr("never"));
}

TEST_P(Handlers, of_another_type_of_result_are_refused) {
  EXPECT_EQ(code_of([&] { rt().spawn({.on_success = banyan::bind(tell_value, "x")}, split, std::vector<int>()); }),
            errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().spawn({.on_success = handler(refuse, {.max_attempts = 0})}, give, 1); }),
            errc::invalid_argument);
}

TEST_P(Handlers, added_later_are_called_once_each) {
  const auto f = rt().spawn(wait_for_word);
  f.on_success(banyan::bind(tell_value, topic));
  f.on_success(banyan::bind(tell_value, topic));
  f.on_failure(banyan::bind(tell_status, topic));
  EXPECT_TRUE(wait_until([&] { return f.children().size() == 1; }));
  future<int>(f.children()[0]).set_value(6);
  EXPECT_TRUE(wait_until([&] { return heard().size() == 1; }));
  rt().wait_idle();
  EXPECT_THAT(heard(), ElementsAre("6"));
}

TEST_P(Handlers, added_after_the_result_are_called_too) {
  const auto f = rt().spawn(fail, "no");
  EXPECT_TRUE(f.wait_for(10s));
  f.on_failure(banyan::bind(tell_status, topic));
  EXPECT_TRUE(wait_until([&] { return !heard().empty(); }));
  EXPECT_THAT(heard(), ElementsAre("failure"));
}

TEST_P(Handlers, added_to_what_does_not_exist_are_refused) {
  const auto f = rt().spawn(give, 1);
  settle(f);
  rt().wait_idle();
  rt().forget(f.key());
  EXPECT_EQ(code_of([&] { f.on_success(banyan::bind(tell_value, topic)); }), errc::not_found);
}

TEST_P(Handlers, of_progress_hear_the_newest_state_and_the_last) {
  const auto f = rt().spawn({.on_progress = banyan::bind(tell_status, topic)}, move_on, 3);
  for (std::size_t step = 0; step < 3; ++step) {
    const std::size_t before = heard().size();
    EXPECT_TRUE(wait_until([&] { return f.children().size() == step + 1; }));
    future<int>(f.children()[step]).set_value(1);
    EXPECT_TRUE(wait_until([&] { return heard().size() > before; }));
  }
  settle(f);
  EXPECT_THAT(heard().back(), "success");
  EXPECT_LE(heard().size(), 6u);
}

TEST_P(Handlers, of_all_children_wait_for_each_of_them) {
  const auto f =
      rt().spawn({.on_all_children_success = banyan::bind(tell_status, topic)}, split, std::vector<int>{1, 2, 1000});
  EXPECT_TRUE(wait_until([&] { return f.children().size() == 3; }));
  EXPECT_THAT(heard(), IsEmpty());
  future<int>(f.children()[2]).set_value(3);
  EXPECT_TRUE(wait_until([&] { return !heard().empty(); }));
  EXPECT_THAT(heard(), ElementsAre("waiting"));
  f.set_value(0);
}

TEST_P(Handlers, combine_the_results_of_children_to_that_of_their_parent) {
  const banyan::options sum{.on_all_children_success = combine(100L, plus)};
  EXPECT_EQ(rt().spawn(sum, split, std::vector<int>{1, 2, 3}).get(), 106);
  EXPECT_EQ(rt().spawn(sum, split, std::vector<int>()).get(), 100);
}

TEST_P(Handlers, combine_for_nothing_but_the_success_of_all_children) {
  const std::vector<int> numbers{1};
  const handler fold = combine(100L, plus);
  EXPECT_THAT(message_of([&] { rt().spawn({.on_success = fold}, split, numbers); }),
              HasSubstr("on_success: combine is for"));
  EXPECT_THAT(message_of([&] { rt().spawn({.on_all_children_settled = fold}, split, numbers); }),
              HasSubstr("on_all_children_settled: combine is for on_all_children_success"));
}

TEST_P(Handlers, that_cannot_combine_fail_the_future) {
  const auto f = rt().spawn({.on_all_children_success = combine(0, refuse_to_add)}, split, std::vector<int>{1});
  EXPECT_THAT(message_of([&] { f.get(); }), HasSubstr("does not add"));
}

TEST_P(Handlers, of_a_settled_family_are_called_though_some_failed) {
  const auto f = rt().spawn({.on_all_children_settled = sum_what_there_is}, split, std::vector<int>{1, -1, 5});
  EXPECT_EQ(f.get(), 6);
}

TEST_P(Handlers, of_a_settled_family_are_called_for_a_future_that_was_cancelled) {
  const auto f =
      rt().spawn({.on_all_children_settled = banyan::bind(tell_status, topic)}, split, std::vector<int>{1, 1000});
  EXPECT_TRUE(wait_until([&] { return f.children().size() == 2; }));
  f.cancel();
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("cancelled"));
}

TEST_P(Handlers, are_called_for_a_child_that_never_started) {
  const auto f = parent_of_one_that_waits(8);
  EXPECT_EQ(f.get(), 8);
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("cancelled"));
}

TEST_P(Handlers, are_called_for_a_child_that_ends_with_its_parent_before_it_starts) {
  const auto f = parent_of_one_that_waits(0);
  EXPECT_THAT(message_of([&] { f.get(); }), HasSubstr("the word was nothing"));
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("cancelled"));
}

TEST_P(Handlers, a_detached_child_that_fails_is_one_of_those_that_are_combined) {
  const auto f = rt().spawn({.on_all_children_success = combine(0L, plus)}, split_off_a_failure);
  EXPECT_THAT(message_of([&] { f.get(); }), HasSubstr("off it goes"));
}

TEST_P(Handlers, are_called_for_a_root_that_was_given_its_result_before_it_started) {
  const auto f = rt().spawn({.start_after = 1h, .on_success = banyan::bind(tell_value, topic)}, give, 1);
  EXPECT_TRUE(f.set_value(9));
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("9"));
}

TEST_P(Handlers, are_not_cancelled_with_their_future) {
  const auto f = rt().spawn({.on_failure = banyan::bind(tell_status, topic)}, wait_for_word);
  EXPECT_TRUE(wait_until([&] { return f.children().size() == 1; }));
  EXPECT_TRUE(f.cancel());
  settle(f);
  EXPECT_THAT(heard(), ElementsAre("cancelled"));
}

TEST_P(Handlers, and_what_is_below_them_are_forgotten_with_the_tree) {
  const auto f = rt().spawn({.on_success = banyan::bind(tell_doubled, topic)}, give, 4);
  settle(f);
  const future_handle call = f.handlers().at(0);
  rt().wait_idle();
  rt().forget(f.key());
  EXPECT_EQ(code_of([&] { call.status(); }), errc::not_found);
}

TEST_P(Handlers, leave_nothing_of_a_future_that_keeps_nothing) {
  const auto f = rt().spawn({.on_success = banyan::bind(tell_doubled, topic), .keep = keep::none}, give, 4);
  settle(f);
  EXPECT_TRUE(wait_until([&] { return f.handlers().empty(); }));
}

TEST_P(Handlers, go_on_after_a_restart_of_the_program) {
  if (GetParam() == "memory") GTEST_SKIP() << "nothing outlives the runtime";
  const key k =
      rt().spawn({.on_success = {banyan::bind(tell_value, topic), banyan::bind(tell_when_told, topic)}}, give, 4).key();
  EXPECT_TRUE(wait_until([&] { return heard().size() == 1 && rt().find_handle(k).handlers().size() == 2; }));
  const future_handle waits = rt().find_handle(k).handlers()[1];
  EXPECT_TRUE(wait_until([&] { return waits.children().size() == 1; }));
  restart();
  const auto again = rt().find<int>(k);
  EXPECT_EQ(again.get(), 4);
  EXPECT_TRUE(wait_until([&] { return again.handlers().at(1).children().size() == 1; }));
  future<int>(again.handlers()[1].children()[0]).set_value(1);
  settle(again);
  EXPECT_THAT(heard(), ElementsAre("4", "told"));
}

TEST_P(Handlers, a_child_that_fails_a_pending_function_fails_it) {
  const auto f = rt().spawn(split, std::vector<int>{1, 1000, -7});
  EXPECT_THAT(message_of([&] { f.get(); }), HasSubstr("part -7"));
}

TEST_P(Handlers, the_losers_of_a_choice_do_not_fail_a_pending_function) {
  const auto f = rt().spawn(pick_one);
  rt().wait_idle();
  EXPECT_EQ(f.status(), status::waiting);
  EXPECT_TRUE(f.set_value(2));
}

TEST_P(Handlers, a_child_that_was_heeded_does_not_fail_a_pending_function) {
  const auto f = rt().spawn(split_and_heed, 1, "heeded");
  rt().wait_idle();
  EXPECT_EQ(f.status(), status::waiting);
  EXPECT_TRUE(f.set_value(2));
}

}  // namespace
}  // namespace banyan::test
