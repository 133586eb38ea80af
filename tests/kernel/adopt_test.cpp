#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

task<int> adopted_listener(context& ctx) { co_return co_await ctx.receive<int>("number"); }
BANYAN_FUNCTION(adopted_listener)

std::atomic<int> adopted_runs{0};
int adopted_number(int n) {
  ++adopted_runs;
  if (n < 0) throw std::runtime_error("negative");
  return n;
}
BANYAN_FUNCTION(adopted_number)

task<int> adopted_sleeper(context& ctx) {
  co_await ctx.sleep(10ms);
  co_return 1;
}
BANYAN_FUNCTION(adopted_sleeper)

task<int> leaves_it_to_others(context&) { co_return pending; }
BANYAN_FUNCTION(leaves_it_to_others)

/// Ends without a result; its one child waits for a number.
task<int> waits_with_a_child(context& ctx) {
  ctx.spawn(adopted_listener);
  co_return pending;
}
BANYAN_FUNCTION(waits_with_a_child)

/// Fails so many times.
std::atomic<int> fails_from_now_on{0};
int fails_for_a_while(int n) {
  if (fails_from_now_on-- > 0) throw std::runtime_error("not yet");
  return n;
}
BANYAN_FUNCTION(fails_for_a_while)

int add_adopted(int a, int b) { return a + b; }
BANYAN_FUNCTION(add_adopted)

/// In its first tree it is given children until it is told to end.
std::atomic<bool> given_all{false};
task<int> is_given_more(context& ctx) {
  if (!given_all) co_await ctx.receive<int>("end");
  co_return pending;
}
BANYAN_FUNCTION(is_given_more)

task<int> spawns_one_that_is_given_more(context& ctx) {
  ctx.spawn({.on_all_children_success = combine(0, add_adopted)}, is_given_more);
  co_return pending;
}
BANYAN_FUNCTION(spawns_one_that_is_given_more)

void hears_of_adopted(const future_handle&) {}
BANYAN_FUNCTION(hears_of_adopted)

/// Its first attempt fails when it is told to.
task<int> fails_when_told(context& ctx) {
  const int n = co_await ctx.receive<int>("go");
  if (ctx.attempt() == 1) throw std::runtime_error("told to");
  co_return n + co_await ctx.receive<int>("go");
}
BANYAN_FUNCTION(fails_when_told)

std::shared_ptr<std::pair<gate, gate>> running;  ///< begun, may end
int runs_until_released() {
  running->first.open();
  running->second.wait();
  return 1;
}
BANYAN_FUNCTION(runs_until_released)

pending_result<int> leaves_it_when_released() {
  running->first.open();
  running->second.wait();
  return pending;
}
BANYAN_FUNCTION(leaves_it_when_released)

std::atomic<runtime*> adopting_runtime{nullptr};
int adopts_for(key parent) { return adopting_runtime.load()->adopt(parent, adopted_number, 3).get(); }
BANYAN_FUNCTION(adopts_for)

/// Waits for a child that somebody gave it, whatever becomes of that.
task<int> awaits_adopted(context& ctx) {
  const key k = co_await ctx.receive<key>("child");
  const future<int> child = ctx.attach<int>(k);
  int got = 0;
  try {
    got = co_await child;
  } catch (const failure&) {
    got = -100;
  }
  ctx.publish(got);
  co_return pending;
}
BANYAN_FUNCTION(awaits_adopted)

class AdoptedChildren : public Kernel {
 protected:
  [[nodiscard]] bool waits(const future_handle& f) {
    return wait_until([&] { return f.status() == status::waiting; });
  }
  [[nodiscard]] bool settles(const key& root) {
    return wait_until([&] {
      const auto all = rt().roots();
      return std::ranges::any_of(all, [&](const root_info& r) { return r.key == root && r.settled; });
    });
  }
  static future<int> child_of(const future_handle& parent, std::size_t n) {
    return future<int>(parent.children().at(n));
  }
};

TEST_P(AdoptedChildren, are_combined_with_those_that_the_function_spawned) {
  const auto f = rt().spawn({.on_all_children_success = combine(1000, add_adopted)}, waits_with_a_child);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_number, 20);
  const auto b = rt().adopt(f.key(), bind(adopted_number, 300));
  EXPECT_EQ(a.get_for(20s), 20);
  EXPECT_EQ(b.get_for(20s), 300);
  EXPECT_THAT(f.children(), ElementsAre(child_of(f, 0), a, b));
  EXPECT_FALSE(f.ready()) << "its own child waits";
  EXPECT_TRUE(child_of(f, 0).send("number", 4));
  EXPECT_EQ(f.get_for(20s), 1324);
}

TEST_P(AdoptedChildren, hold_up_what_is_called_for_all_children) {
  const auto f = rt().spawn({.on_all_children_success = combine(0, add_adopted)}, waits_with_a_child);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_listener);
  EXPECT_TRUE(child_of(f, 0).send("number", 4));
  EXPECT_EQ(child_of(f, 0).get_for(20s), 4);
  rt().wait_idle();
  EXPECT_FALSE(f.ready());
  EXPECT_TRUE(a.send("number", 5));
  EXPECT_EQ(f.get_for(20s), 9);
}

TEST_P(AdoptedChildren, are_refused_once_the_children_were_told_of) {
  const auto f = rt().spawn({.on_all_children_settled = hears_of_adopted}, leaves_it_to_others);
  ASSERT_TRUE(wait_until([&] { return !f.handlers().empty(); }));
  const auto e = thrown_by([&] { rt().adopt(f.key(), adopted_number, 1); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr("handlers"));
  EXPECT_TRUE(f.set_value(1));
  EXPECT_TRUE(f.children().empty());
}

TEST_P(AdoptedChildren, are_seen_where_children_are) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), {.name = "extra", .weight = 7}, adopted_listener);
  EXPECT_THAT(f.to_json(2), HasSubstr("\"name\":\"extra\""));
  EXPECT_THAT(a.to_json(0), HasSubstr("\"level\":1"));
  EXPECT_TRUE(wait_until([&] { return f.progress().weight == 7; }));
  EXPECT_TRUE(a.send("number", 1));
  EXPECT_EQ(a.get_for(20s), 1);
  EXPECT_TRUE(wait_until([&] { return f.progress().calculated == 7; }));
  EXPECT_TRUE(f.set_value(2));
  ASSERT_TRUE(settles(f.key()));
  EXPECT_THAT(f.to_json(2), HasSubstr("\"name\":\"extra\""));
}

TEST_P(AdoptedChildren, keep_a_parent_with_a_result_from_settling) {
  const auto f = rt().spawn(adopted_listener);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_listener);
  ASSERT_TRUE(waits(a));
  EXPECT_TRUE(f.send("number", 1));
  EXPECT_EQ(f.get_for(20s), 1);
  EXPECT_EQ(code_of([&] { rt().forget(f.key()); }), errc::invalid_argument) << "it is not settled";
  EXPECT_TRUE(a.send("number", 2));
  EXPECT_EQ(a.get_for(20s), 2);
  ASSERT_TRUE(settles(f.key()));
  rt().forget(f.key());
  EXPECT_EQ(code_of([&] { a.status(); }), errc::not_found);
}

TEST_P(AdoptedChildren, are_cancelled_with_their_parent) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto follows = rt().adopt(f.key(), adopted_listener);
  const auto stays = rt().adopt(f.key(), {.on_parent_done = on_parent_done::detach}, adopted_listener);
  ASSERT_TRUE(waits(stays));
  EXPECT_TRUE(f.cancel());
  EXPECT_THROW(follows.get_for(20s), cancelled);
  EXPECT_TRUE(stays.send("number", 3));
  EXPECT_EQ(stays.get_for(20s), 3);
  EXPECT_TRUE(settles(f.key()));
}

TEST_P(AdoptedChildren, can_be_cancelled_alone) {
  const auto f = rt().spawn(adopted_listener);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), {.start_after = 10min}, adopted_listener);
  EXPECT_TRUE(a.cancel());
  EXPECT_THROW(a.get_for(20s), cancelled);
  EXPECT_TRUE(f.send("number", 3));
  EXPECT_EQ(f.get_for(20s), 3);
  EXPECT_TRUE(settles(f.key()));
}

TEST_P(AdoptedChildren, that_are_bound_end_with_a_parent_that_succeeds) {
  const auto f = rt().spawn(adopted_listener);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), {.on_parent_done = on_parent_done::cancel}, adopted_listener);
  ASSERT_TRUE(waits(a));
  EXPECT_TRUE(f.send("number", 3));
  EXPECT_THROW(a.get_for(20s), cancelled);
  EXPECT_TRUE(settles(f.key()));
}

TEST_P(AdoptedChildren, that_fail_fail_a_parent_that_has_ended_for_good) {
  const auto f =
      rt().spawn({.retry = {.max_attempts = 3, .first_delay = 1ms, .child_failures = true}}, leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_number, -1);
  const auto e = thrown_by([&] { f.get_for(20s); });
  EXPECT_THAT(e.message(), HasSubstr("negative"));
  EXPECT_EQ(e.origin(), a.key());
  EXPECT_THAT(f.to_json(0), HasSubstr("\"attempts\":1"));
}

TEST_P(AdoptedChildren, that_fail_are_the_function_s_to_handle_while_it_runs) {
  const auto f = rt().spawn(awaits_adopted);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_number, -1);
  EXPECT_THROW(a.get_for(20s), failure);
  EXPECT_TRUE(f.send("child", a.key()));
  ASSERT_TRUE(wait_until([&] { return f.published<int>() == -100; }));
  rt().wait_idle();
  EXPECT_FALSE(f.ready()) << "it knew";
  EXPECT_TRUE(f.set_value(1));
}

TEST_P(AdoptedChildren, that_are_detached_may_fail) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), {.on_parent_done = on_parent_done::detach}, adopted_number, -1);
  EXPECT_THROW(a.get_for(20s), failure);
  rt().wait_idle();
  EXPECT_TRUE(f.set_value(1));
}

TEST_P(AdoptedChildren, start_while_the_function_of_their_parent_runs) {
  running = std::make_shared<std::pair<gate, gate>>();
  const auto f = rt().spawn(runs_until_released);
  ASSERT_TRUE(running->first.wait());
  const auto a = rt().adopt(f.key(), adopted_number, 5);
  EXPECT_EQ(a.get_for(20s), 5);
  running->second.open();
  EXPECT_EQ(f.get_for(20s), 1);
  EXPECT_THAT(f.children(), ElementsAre(a));
  EXPECT_TRUE(settles(f.key()));
}

TEST_P(AdoptedChildren, go_on_in_the_next_attempt_of_their_parent) {
  const auto f = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms}}, fails_when_told);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_listener);
  ASSERT_TRUE(waits(a));
  EXPECT_TRUE(f.send("go", 1));
  ASSERT_TRUE(wait_until([&] { return f.to_json(0).find("\"attempts\":2") != std::string::npos; }));
  EXPECT_THAT(f.children(), ElementsAre(a));
  const auto b = rt().adopt(f.key(), adopted_number, 3);
  EXPECT_TRUE(f.send("go", 10));
  EXPECT_EQ(f.get_for(20s), 11);
  EXPECT_FALSE(a.ready());
  EXPECT_TRUE(a.send("number", 6));
  EXPECT_EQ(a.get_for(20s), 6);
  EXPECT_TRUE(settles(f.key()));
  EXPECT_THAT(f.children(), ElementsAre(a, b));
}

TEST_P(AdoptedChildren, wait_for_a_parent_that_has_not_begun) {
  const auto f = rt().spawn({.start_after = 100ms}, leaves_it_to_others);
  EXPECT_EQ(rt().adopt(f.key(), adopted_number, 2).get_for(20s), 2);
  EXPECT_TRUE(f.set_value(1));
}

TEST_P(AdoptedChildren, of_what_cannot_adopt_are_refused) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto adopt_to = [&](const key& k, const banyan::options& opts = {}) {
    return code_of([&] { rt().adopt(k, opts, adopted_number, 1); });
  };
  EXPECT_EQ(adopt_to(runtime::key_of("nobody")), errc::not_found);
  EXPECT_EQ(adopt_to(f.key(), {.weight = -1}), errc::invalid_argument);
  EXPECT_EQ(adopt_to(f.key(), {.retention = 1s}), errc::invalid_argument);
  EXPECT_EQ(adopt_to(f.key(), {.durable = false}), errc::invalid_argument);
  EXPECT_EQ(adopt_to(f.key(), {.queue = "none of ours"}), errc::unknown_queue);
  EXPECT_TRUE(f.children().empty());
  EXPECT_TRUE(f.set_value(1));
  const auto e = thrown_by([&] { rt().adopt(f.key(), adopted_number, 1); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_THAT(e.message(), HasSubstr("has its result already"));
  EXPECT_TRUE(f.children().empty());
}

TEST_P(AdoptedChildren, with_an_id_are_adopted_once) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const int before = adopted_runs;
  const auto a = rt().adopt(f.key(), {.id = "one"}, adopted_number, 1);
  EXPECT_EQ(rt().adopt(f.key(), {.id = "one"}, adopted_number, 1), a);
  EXPECT_NE(rt().adopt(f.key(), {.id = "two"}, adopted_number, 1), a);
  EXPECT_EQ(a.get_for(20s), 1);
  EXPECT_EQ(rt().adopt(f.key(), {.id = "one"}, adopted_number, 1), a);
  EXPECT_EQ(code_of([&] { rt().adopt(f.key(), {.id = "one"}, adopted_number, 2); }), errc::id_conflict);
  EXPECT_EQ(f.children().size(), 2u);
  rt().wait_idle();
  EXPECT_EQ(adopted_runs, before + 2);
  EXPECT_TRUE(f.set_value(1));
}

TEST_P(AdoptedChildren, come_from_functions_that_may_block) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  adopting_runtime = &rt();
  EXPECT_EQ(rt().spawn({.blocking = true}, adopts_for, f.key()).get_for(20s), 3);
  EXPECT_EQ(thrown_by([&] { rt().spawn(adopts_for, f.key()).get_for(20s); }).code(), errc::would_block);
  EXPECT_EQ(f.children().size(), 1u);
  EXPECT_TRUE(f.set_value(1));
}

TEST_P(AdoptedChildren, are_children_or_refused_however_soon_the_parent_ends) {
  for (int round = 0; round < 20; ++round) {
    const auto f = rt().spawn(adopted_listener);
    ASSERT_TRUE(waits(f));
    std::atomic<int> adopted{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        try {
          for (;; ++adopted) rt().adopt(f.key(), adopted_sleeper);
        } catch (const error& e) {
          EXPECT_EQ(e.code(), errc::invalid_argument) << e.what();
        }
      });
    }
    if (round % 2 == 0) {
      EXPECT_TRUE(f.send("number", 1));
    } else {
      EXPECT_TRUE(f.set_value(1));
    }
    for (std::thread& t : threads) t.join();
    ASSERT_TRUE(settles(f.key())) << round;
    const auto children = f.children();
    EXPECT_EQ(children.size(), static_cast<std::size_t>(adopted)) << round;
    for (const future_handle& child : children) EXPECT_EQ(child.status(), status::success) << "settled before it";
  }
}

TEST_P(AdoptedChildren, are_no_place_to_fork_from) {
  const auto f = rt().spawn(leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_number, -1);
  EXPECT_THROW(f.get_for(20s), failure);
  ASSERT_TRUE(settles(f.key()));
  EXPECT_EQ(code_of([&] { f.fork(a.key()); }), errc::invalid_argument);
}

TEST_P(AdoptedChildren, are_run_again_with_the_tree_and_kept_where_they_succeeded) {
  fails_from_now_on = 2;
  given_all = false;
  const auto f = rt().spawn({.on_all_children_success = combine(1000, add_adopted)}, spawns_one_that_is_given_more);
  ASSERT_TRUE(wait_until([&] { return !f.children().empty(); }));
  const future<int> inner(f.children().front());
  ASSERT_TRUE(waits(inner));
  const int before = adopted_runs;
  EXPECT_EQ(rt().adopt(f.key(), {.id = "one"}, adopted_number, 1).get_for(20s), 1);
  EXPECT_EQ(rt().adopt(inner.key(), adopted_number, 20).get_for(20s), 20);
  const auto bad = rt().adopt(inner.key(), {.id = "bad"}, fails_for_a_while, 300);
  EXPECT_THROW(bad.get_for(20s), failure);
  given_all = true;
  EXPECT_TRUE(inner.send("end", 1));
  EXPECT_THROW(f.get_for(20s), failure);
  ASSERT_TRUE(settles(f.key()));
  auto again = f.retry();
  EXPECT_THROW(again.get_for(20s), failure) << "it failed a second time";
  ASSERT_TRUE(settles(again.key()));
  again = again.retry();
  EXPECT_EQ(again.get_for(20s), 1321);
  EXPECT_EQ(adopted_runs, before + 2) << "what succeeded does not run again";
  EXPECT_EQ(again.children().size(), 2u);
  EXPECT_EQ(rt().adopt(again.key(), {.id = "one"}, adopted_number, 1).get(), 1) << "it is there already";
}

TEST_P(AdoptedChildren, go_with_the_records_that_nobody_keeps) {
  const auto f = rt().spawn({.keep = keep::none}, leaves_it_to_others);
  ASSERT_TRUE(waits(f));
  const auto a = rt().adopt(f.key(), adopted_number, 1);
  EXPECT_EQ(a.get_for(20s), 1);
  EXPECT_TRUE(f.set_value(1));
  ASSERT_TRUE(settles(f.key()));
  EXPECT_TRUE(wait_until([&] { return code_of([&] { a.status(); }) == errc::not_found; }));
}

TEST(Adopting, gives_up_on_a_parent_that_does_not_begin) {
  runtime rt{{.store = "memory:"}};
  const auto f = rt.spawn({.start_after = 10min}, leaves_it_to_others);
  EXPECT_THROW(rt.adopt(f.key(), adopted_number, 1), timeout);
  EXPECT_TRUE(f.children().empty());
  EXPECT_TRUE(f.cancel());
}

class AdoptedChildrenAfterARestart : public AdoptedChildren {};

TEST_P(AdoptedChildrenAfterARestart, go_on) {
  const auto f = rt().spawn({.on_all_children_success = combine(0, add_adopted)}, waits_with_a_child);
  ASSERT_TRUE(waits(f));
  const int before = adopted_runs;
  const key done = rt().adopt(f.key(), adopted_number, 100).key();
  const key open = rt().adopt(f.key(), {.weight = 5}, adopted_listener).key();
  EXPECT_EQ(rt().find<int>(done).get_for(20s), 100);
  const key k = f.key();
  restart();
  const auto again = rt().find<int>(k);
  ASSERT_TRUE(waits(again));
  const key more = rt().adopt(k, adopted_number, 7).key();
  EXPECT_THAT(again.children(),
              ElementsAre(child_of(again, 0), rt().find_handle(done), rt().find_handle(open), rt().find_handle(more)));
  EXPECT_TRUE(rt().find<int>(open).send("number", 20));
  EXPECT_TRUE(child_of(again, 0).send("number", 3));
  EXPECT_EQ(again.get_for(20s), 130);
  EXPECT_EQ(adopted_runs, before + 2) << "what has its result does not run again";
}

TEST_P(AdoptedChildrenAfterARestart, are_waited_for_by_a_parent_in_its_second_attempt) {
  const auto f = rt().spawn({.retry = {.max_attempts = 2, .first_delay = 1ms}}, fails_when_told);
  ASSERT_TRUE(waits(f));
  const key child = rt().adopt(f.key(), adopted_listener).key();
  EXPECT_TRUE(f.send("go", 1));
  ASSERT_TRUE(wait_until([&] { return f.to_json(0).find("\"attempts\":2") != std::string::npos; }));
  const key k = f.key();
  for (int i = 0; i < 2; ++i) {
    restart();
    ASSERT_TRUE(waits(rt().find_handle(child)));
    if (i > 0) continue;
    EXPECT_TRUE(rt().find_handle(k).send("go", 4));
    EXPECT_EQ(rt().find<int>(k).get_for(20s), 5);
  }
  EXPECT_EQ(code_of([&] { rt().forget(k); }), errc::invalid_argument) << "it is not settled";
  EXPECT_TRUE(rt().find_handle(child).send("number", 9));
  EXPECT_EQ(rt().find<int>(child).get_for(20s), 9);
  EXPECT_TRUE(settles(k));
}

TEST_P(AdoptedChildrenAfterARestart, are_refused_where_the_children_were_told_of_before) {
  running = std::make_shared<std::pair<gate, gate>>();
  running->second.open();
  const auto f = rt().spawn({.on_all_children_settled = hears_of_adopted}, leaves_it_when_released);
  ASSERT_TRUE(wait_until([&] { return !f.handlers().empty(); }));
  const key k = f.key();
  stop();
  running = std::make_shared<std::pair<gate, gate>>();
  rt();
  ASSERT_TRUE(running->first.wait());
  EXPECT_EQ(code_of([&] { rt().adopt(k, adopted_number, 1); }), errc::invalid_argument) << "though it runs again";
  running->second.open();
  EXPECT_TRUE(rt().find<int>(k).set_value(1));
  EXPECT_TRUE(settles(k));
}

BANYAN_OVER_EACH_STORE(AdoptedChildren);
BANYAN_OVER_SHARED_STORES(AdoptedChildrenAfterARestart);

}  // namespace
}  // namespace banyan::test
