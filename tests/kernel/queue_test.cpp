#include <algorithm>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// How many run at a time, and the most that ever did.
struct crowd {
  std::atomic<int> now{0};
  std::atomic<int> most{0};
  void enter() {
    const int n = ++now;
    for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {
    }
  }
  void leave() { --now; }
  void reset() { now = most = 0; }
};
crowd runners;
std::mutex order_mutex;
std::vector<int> order;

void note(int n) {
  const std::lock_guard lock(order_mutex);
  order.push_back(n);
}
std::vector<int> noted() {
  const std::lock_guard lock(order_mutex);
  return order;
}

int works_in_a_crowd(int n) {
  runners.enter();
  note(n);
  runners.leave();
  return n;
}
BANYAN_FUNCTION(works_in_a_crowd)

task<int> rests_in_a_crowd(context& ctx, int n) {
  runners.enter();
  co_await ctx.sleep(2ms);
  runners.leave();
  co_return n;
}
BANYAN_FUNCTION(rests_in_a_crowd)

/// Each waits for the one below it, all in one queue.
task<int> nests_in_queue(context& ctx, int depth) {
  if (depth == 0) co_return 0;
  const options same{.queue = "one"};
  const auto below = ctx.spawn(same, nests_in_queue, depth - 1);
  co_return co_await below + 1;
}
BANYAN_FUNCTION(nests_in_queue)

task<int> asks_for_one_in_queue(context& ctx, int depth) {
  const options same{.queue = "one"};
  const auto below = ctx.spawn(same, nests_in_queue, depth);
  co_return co_await below + 1;
}
BANYAN_FUNCTION(asks_for_one_in_queue)

task<int> lends_to_grandchildren(context& ctx) {
  const auto between = ctx.spawn(asks_for_one_in_queue, 3);
  co_return co_await between + 1;
}
BANYAN_FUNCTION(lends_to_grandchildren)

/// The same with threads that wait.
int blocks_in_queue(context& ctx, int depth) {
  if (depth == 0) return 0;
  return ctx.spawn({.blocking = true, .queue = "one"}, blocks_in_queue, depth - 1).get() + 1;
}
BANYAN_FUNCTION(blocks_in_queue)

std::shared_ptr<gate> door;

/// Asks for a place only when those above it wait for it.
int asks_late_for_one_in_queue(context& ctx) {
  door->wait();
  return ctx.spawn({.queue = "one"}, nests_in_queue, 2).get() + 1;
}
BANYAN_FUNCTION(asks_late_for_one_in_queue)

int blocks_for_one_that_asks_late(context& ctx) {
  const int below = ctx.spawn({.blocking = true}, asks_late_for_one_in_queue).get();
  note(1);
  return below + 1;
}
BANYAN_FUNCTION(blocks_for_one_that_asks_late)

task<int> waits_for_one_that_asks_late(context& ctx) {
  const auto below = ctx.spawn({.blocking = true}, asks_late_for_one_in_queue);
  co_return co_await below + 1;
}
BANYAN_FUNCTION(waits_for_one_that_asks_late)

/// Nobody below it wants its place any more when it waits for a signal.
task<int> listens_after_it_has_lent(context& ctx) {
  const auto below = ctx.spawn({.queue = "one"}, nests_in_queue, 1);
  const int depth = co_await below;
  ctx.publish(depth);
  const int heard = co_await ctx.receive<int>("go on");
  note(heard);
  co_return depth;
}
BANYAN_FUNCTION(listens_after_it_has_lent)

std::uint64_t maps_in_a_crowd(const index_range& page) {
  runners.enter();
  std::this_thread::yield();
  runners.leave();
  return page.last - page.first;
}
BANYAN_FUNCTION(maps_in_a_crowd)

int waits_at_gate(int n) {
  door->wait();
  note(n);
  return n;
}
BANYAN_FUNCTION(waits_at_gate)

int stays_in_a_crowd(int n) {
  runners.enter();
  door->wait();
  runners.leave();
  return n;
}
BANYAN_FUNCTION(stays_in_a_crowd)

std::atomic<int> tries{0};
int fails_twice(int n) {
  if (++tries < 3) throw std::runtime_error("again");
  return n;
}
BANYAN_FUNCTION(fails_twice)

task<int> spawns_many_in(context& ctx, std::string queue, int count) {
  std::vector<future<int>> all;
  for (int i = 0; i < count; ++i) all.push_back(ctx.spawn({.queue = queue}, works_in_a_crowd, i));
  int sum = 0;
  for (const auto& f : all) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(spawns_many_in)

task<int> spawns_one_in(context& ctx, std::string queue) {
  const auto one = ctx.spawn({.queue = queue}, works_in_a_crowd, 1000);
  co_return co_await one;
}
BANYAN_FUNCTION(spawns_one_in)

class Queue : public Kernel {
 protected:
  Queue() {
    runners.reset();
    tries = 0;
    const std::lock_guard lock(order_mutex);
    order.clear();
    options.threads = 4;
    options.queues = {{"one", {.concurrency = 1}},
                      {"three", {.concurrency = 3}},
                      {"slow", {.rate = 1e-6}},
                      {"rated", {.rate = 50, .burst = 5}},
                      {"keyed", {.key_concurrency = 1}}};
  }
};

TEST_P(Queue, lets_so_many_run_at_a_time) {
  door = std::make_shared<gate>();
  std::vector<future<int>> all;
  for (int i = 0; i < 8; ++i) all.push_back(rt().spawn({.queue = "three"}, stays_in_a_crowd, i));
  ASSERT_TRUE(wait_until([] { return runners.now == 3; }));
  for (int i = 0; i < 20; ++i) rt().spawn(nests_in_queue, 0).get();  // there is room for more
  EXPECT_EQ(runners.now, 3);
  door->open();
  rt().gather(all);
  EXPECT_EQ(runners.most, 3);
}

TEST_P(Queue, lets_no_more_run_of_many) {
  EXPECT_EQ(rt().spawn(spawns_many_in, "three", 60).get(), 60 * 59 / 2);
  EXPECT_LE(runners.most, 3);
}

TEST_P(Queue, of_one_place_keeps_the_order) {
  rt().spawn(spawns_many_in, "one", 30).get();
  EXPECT_EQ(runners.most, 1);
  EXPECT_TRUE(std::ranges::is_sorted(noted()));
}

TEST_P(Queue, counts_who_sleeps_as_one_that_runs) {
  std::vector<future<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(rt().spawn({.queue = "three"}, rests_in_a_crowd, i));
  rt().gather(all);
  EXPECT_EQ(runners.most, 3);
}

TEST_P(Queue, a_place_is_lent_to_those_below_who_are_waited_for) {
  EXPECT_EQ(rt().spawn({.queue = "one"}, nests_in_queue, 20).get(), 20);
  EXPECT_EQ(rt().spawn({.queue = "one"}, lends_to_grandchildren).get(), 5);
}

TEST_P(Queue, a_place_is_lent_by_a_function_that_blocks) {
  EXPECT_EQ(rt().spawn({.blocking = true, .queue = "one"}, blocks_in_queue, 5).get(), 5);
}

TEST_P(Queue, a_place_is_lent_to_one_that_asks_for_it_late) {
  for (const bool blocks : {true, false}) {
    door = std::make_shared<gate>();
    const auto top = blocks ? rt().spawn({.blocking = true, .queue = "one"}, blocks_for_one_that_asks_late)
                            : rt().spawn({.queue = "one"}, waits_for_one_that_asks_late);
    ASSERT_TRUE(wait_until([&] { return top.status() == status::waiting; }));
    door->open();
    const bool done = top.wait_for(20s);
    EXPECT_TRUE(done) << (blocks ? "whose thread waits" : "whose coroutine waits");
    if (!done) top.cancel();
  }
}

TEST_P(Queue, who_has_lent_its_place_waits_for_it_before_it_goes_on) {
  door = std::make_shared<gate>();
  const auto top = rt().spawn({.blocking = true, .queue = "one"}, blocks_for_one_that_asks_late);
  ASSERT_TRUE(wait_until([&] { return top.status() == status::waiting; }));
  std::vector<future<int>> others;
  for (int i = 0; i < 20; ++i) others.push_back(rt().spawn({.queue = "one"}, works_in_a_crowd, 2));
  door->open();
  EXPECT_EQ(top.get(), 4);
  rt().gather(others);
  EXPECT_EQ(runners.most, 1);
}

TEST_P(Queue, a_place_is_kept_once_nobody_below_waits_for_it) {
  const auto first = rt().spawn({.queue = "one"}, listens_after_it_has_lent);
  ASSERT_TRUE(wait_until([&] { return first.published<int>() == 1 && first.status() == status::waiting; }));
  const auto second = rt().spawn({.queue = "one"}, works_in_a_crowd, 2);
  EXPECT_FALSE(second.wait_for(100ms));
  first.send("go on", 1);
  EXPECT_EQ(second.get(), 2);
  EXPECT_EQ(first.get(), 1);
  EXPECT_THAT(noted(), ElementsAre(1, 2));
}

TEST_P(Queue, shards_of_a_map_wait_in_one) {
  for (const char* queue : {"one", "three"}) {
    const map_options opts{.page_size = 5, .shards = 4, .queue = queue};
    EXPECT_EQ(rt().spawn(for_each_page(index_range{0, 500}, maps_in_a_crowd, opts)).get(), 500u);
    EXPECT_LE(runners.most, std::string(queue) == "one" ? 1 : 3);
  }
  const auto unknown = rt().spawn(for_each_page(index_range{0, 9}, maps_in_a_crowd, {.queue = "nothing"}));
  EXPECT_EQ(code_of([&] { unknown.get(); }), errc::unknown_queue);
  const map_options bad{.queue_key = "k"};
  EXPECT_EQ(code_of([&] { for_each_page(index_range{0, 9}, maps_in_a_crowd, bad); }), errc::invalid_argument);
}

TEST_P(Queue, one_key_has_so_many_places_and_others_go_on) {
  door = std::make_shared<gate>();
  const auto held = rt().spawn({.queue = "keyed", .queue_key = "a"}, waits_at_gate, 0);
  std::vector<future<int>> behind;
  for (int i = 0; i < 10; ++i) behind.push_back(rt().spawn({.queue = "keyed", .queue_key = "a"}, works_in_a_crowd, i));
  EXPECT_EQ(rt().spawn({.queue = "keyed", .queue_key = "b"}, works_in_a_crowd, 100).get(), 100);
  EXPECT_EQ(rt().spawn({.queue = "keyed"}, works_in_a_crowd, 101).get(), 101) << "one without a key";
  EXPECT_THAT(noted(), ElementsAre(100, 101));
  door->open();
  rt().gather(behind);
  EXPECT_EQ(runners.most, 1);
  EXPECT_EQ(held.get(), 0);
}

TEST_P(Queue, the_rate_holds_after_a_burst) {
  const auto begun = std::chrono::steady_clock::now();
  rt().spawn(spawns_many_in, "rated", 15).get();
  // Five at once, then ten with 20 ms between them.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, 190ms);
}

TEST_P(Queue, the_rate_holds_over_a_restart) {
  if (GetParam() == "memory") GTEST_SKIP() << "a store that outlives the runtime";
  rt().spawn({.queue = "slow"}, works_in_a_crowd, 0).get();
  restart();
  const auto second = rt().spawn({.queue = "slow"}, works_in_a_crowd, 1);
  EXPECT_FALSE(second.wait_for(200ms));
  EXPECT_THAT(noted(), ElementsAre(0));
  options.queues["slow"].rate = 1000;
  restart();
  EXPECT_EQ(rt().find<int>(second.key()).get(), 1) << "the limits of this runtime hold";
}

TEST_P(Queue, the_highest_priority_comes_first) {
  door = std::make_shared<gate>();
  std::vector<future<int>> all;
  all.push_back(rt().spawn({.queue = "one"}, waits_at_gate, 0));
  ASSERT_TRUE(wait_until([&] { return all[0].status() == status::running; }));
  for (const int p : {1, 3, -1, 2}) all.push_back(rt().spawn({.queue = "one", .priority = p}, works_in_a_crowd, p));
  door->open();
  rt().gather(all);
  EXPECT_THAT(noted(), ElementsAre(0, 3, 2, 1, -1));
}

TEST_P(Queue, a_small_tree_does_not_wait_for_all_of_a_large_one) {
  door = std::make_shared<gate>();
  const auto held = rt().spawn({.queue = "one"}, waits_at_gate, -1);
  ASSERT_TRUE(wait_until([&] { return held.status() == status::running; }));
  const auto large = rt().spawn(spawns_many_in, "one", 50);
  ASSERT_TRUE(wait_until([&] { return large.children().size() == 50; }));
  const auto small = rt().spawn(spawns_one_in, "one");
  ASSERT_TRUE(wait_until([&] { return !small.children().empty(); }));
  door->open();
  small.get();
  large.get();
  const std::vector<int> all = noted();
  EXPECT_LT(std::ranges::find(all, 1000) - all.begin(), 10);
}

TEST_P(Queue, what_waits_can_be_cancelled_at_once) {
  rt().spawn({.queue = "slow"}, works_in_a_crowd, 0).get();
  const auto root = rt().spawn({.queue = "slow"}, works_in_a_crowd, 1);
  const auto parent = rt().spawn(spawns_many_in, "slow", 5);
  ASSERT_TRUE(wait_until([&] { return parent.children().size() == 5; }));
  EXPECT_TRUE(root.cancel());
  EXPECT_TRUE(parent.cancel());
  rt().wait_idle();
  EXPECT_EQ(root.status(), status::cancelled);
  for (const auto& child : parent.children()) EXPECT_EQ(child.status(), status::cancelled);
  EXPECT_THAT(noted(), ElementsAre(0));
}

TEST_P(Queue, what_waits_times_out) {
  rt().spawn({.queue = "slow"}, works_in_a_crowd, 0).get();
  const auto waiting = rt().spawn({.timeout = 50ms, .queue = "slow"}, works_in_a_crowd, 1);
  EXPECT_EQ(code_of([&] { waiting.get(); }), errc::timeout);
  EXPECT_THAT(noted(), ElementsAre(0));
}

TEST_P(Queue, a_result_from_outside_ends_what_waits) {
  rt().spawn({.queue = "slow"}, works_in_a_crowd, 0).get();
  const auto root = rt().spawn({.queue = "slow"}, works_in_a_crowd, 1);
  EXPECT_TRUE(root.set_value(7));
  EXPECT_EQ(root.get(), 7);
  rt().wait_idle();
  EXPECT_THAT(noted(), ElementsAre(0));
}

TEST_P(Queue, each_attempt_has_a_place_and_none_meanwhile) {
  const auto slow =
      rt().spawn({.retry = {.max_attempts = 3, .first_delay = 200ms, .jitter = 0}, .queue = "one"}, fails_twice, 5);
  ASSERT_TRUE(wait_until([] { return tries == 1; }));
  EXPECT_EQ(rt().spawn({.queue = "one"}, works_in_a_crowd, 1).get(), 1);
  EXPECT_LT(tries, 3) << "it was to come in between";
  EXPECT_EQ(slow.get(), 5);
}

TEST_P(Queue, an_unknown_one_is_refused_at_the_call) {
  EXPECT_EQ(code_of([&] { rt().spawn({.queue = "nothing"}, works_in_a_crowd, 1); }), errc::unknown_queue);
  EXPECT_THAT(message_of([&] { rt().spawn({.queue = "nothing"}, works_in_a_crowd, 1); }), HasSubstr("'nothing'"));
  EXPECT_EQ(code_of([&] { rt().spawn(spawns_one_in, "nothing").get(); }), errc::unknown_queue);
  EXPECT_EQ(code_of([&] { rt().spawn({.queue_key = "k"}, works_in_a_crowd, 1); }), errc::invalid_argument);
}

TEST_P(Queue, a_critical_section_is_entered_by_no_name) {
  const auto in_section = [&] { rt().spawn({.queue = "section:s"}, works_in_a_crowd, 1); };
  EXPECT_EQ(code_of(in_section), errc::unknown_queue);
  EXPECT_EQ(code_of([&] { rt().spawn(spawns_one_in, "section:s").get(); }), errc::unknown_queue);
  const auto mapped = rt().spawn(for_each_page(index_range{0, 9}, maps_in_a_crowd, {.queue = "section:s"}));
  EXPECT_EQ(code_of([&] { mapped.get(); }), errc::unknown_queue);
  const auto seldom = [&] {
    rt().every({.id = "e", .run = {.queue = "section:s"}}, interval(1h), works_in_a_crowd, 1);
  };
  EXPECT_EQ(code_of(seldom), errc::unknown_queue);
  EXPECT_THAT(noted(), testing::IsEmpty());
  EXPECT_EQ(rt().spawn(critical_section("s", works_in_a_crowd), 1).get(), 1);
}

TEST_P(Queue, what_waits_goes_on_in_the_next_runtime) {
  if (GetParam() == "memory") GTEST_SKIP() << "a store that outlives the runtime";
  rt().spawn({.queue = "slow"}, works_in_a_crowd, 0).get();
  const auto waiting = rt().spawn({.queue = "slow"}, works_in_a_crowd, 1).key();
  stop();
  options.queues = {{"other", {}}};
  EXPECT_EQ(code_of([&] { rt().find<int>(waiting).get(); }), errc::unknown_queue) << "parked where nobody knows it";
  stop();
  options.queues = {{"slow", {.concurrency = 1}}};
  EXPECT_EQ(rt().find<int>(waiting).get(), 1);
}

TEST_P(Queue, a_bad_limit_is_refused) {
  const auto opening = [&](queue_limits l, const std::string& name = "q") {
    options.queues = {{name, l}};
    return message_of([&] { restart(); });
  };
  EXPECT_THAT(opening({.rate = -1}), HasSubstr("rate"));
  EXPECT_THAT(opening({.rate = 1e12}), HasSubstr("rate"));
  EXPECT_THAT(opening({.rate = 1, .burst = 0}), HasSubstr("burst"));
  EXPECT_THAT(opening({}, ""), HasSubstr("name"));
  EXPECT_THAT(opening({}, "section:x"), HasSubstr("name"));
}

BANYAN_OVER_EACH_STORE(Queue);

TEST(Priority, of_roots_without_a_queue_decides_who_has_room) {
  {
    const std::lock_guard lock(order_mutex);
    order.clear();
  }
  door = std::make_shared<gate>();
  runtime rt({.threads = 1, .limits = {.max_blocking = 1}});
  std::vector<future<int>> all;
  all.push_back(rt.spawn({.blocking = true}, waits_at_gate, 0));
  ASSERT_TRUE(wait_until([&] { return all[0].status() == status::running; }));
  for (const int p : {1, 3, 2}) all.push_back(rt.spawn({.blocking = true, .priority = p}, waits_at_gate, p));
  door->open();
  rt.gather(all);
  EXPECT_THAT(noted(), ElementsAre(0, 3, 2, 1));
}

}  // namespace
}  // namespace banyan::test
