#include "tests/kernel/cluster_work.hpp"
#include "tests/support/gate.hpp"

/// Places in queues that are lent over nodes, and critical sections that are held on another one.
namespace banyan::test {
namespace {

using testing::HasSubstr;

std::shared_ptr<gate> lend_gate;
std::atomic<int> tops{0};

int has_a_turn(int n) { return n; }
BANYAN_FUNCTION(has_a_turn)

/// Goes from node to node; the last one asks for a place in the queue.
task<int> goes_over(context& ctx, std::vector<std::string> way) {
  if (way.empty()) {
    const auto last = ctx.spawn({.queue = "one"}, has_a_turn, 1);
    co_return co_await last + 1;
  }
  const placement next = placement::on(way.front());
  way.erase(way.begin());
  const auto below = ctx.spawn({.placement = next}, goes_over, way);
  co_return co_await below + 1;
}
BANYAN_FUNCTION(goes_over)

int blocks_and_goes_over(context& ctx, const std::vector<std::string>& way) {
  return ctx.spawn({.placement = placement::on(way.front())}, goes_over, std::vector<std::string>()).get() + 1;
}
BANYAN_FUNCTION(blocks_and_goes_over)

task<int> sends_one_of_the_queue(context& ctx, std::string node) {
  const auto below = ctx.spawn({.queue = "one", .placement = placement::on(node)}, has_a_turn, 1);
  co_return co_await below + 1;
}
BANYAN_FUNCTION(sends_one_of_the_queue)

task<int> asks_where_it_works(context& ctx) {
  works_somewhere();
  const auto below = ctx.spawn({.queue = "one"}, has_a_turn, 1);
  co_return co_await below;
}
BANYAN_FUNCTION(asks_where_it_works)

task<int> has_work_for_all(context& ctx, int count) {
  std::vector<future<int>> all;
  for (int i = 0; i < count; ++i) all.push_back(ctx.spawn(asks_where_it_works));
  int sum = 0;
  for (const auto& f : all) sum += co_await f;
  co_return sum;
}
BANYAN_FUNCTION(has_work_for_all)

task<int> listens_after_one_elsewhere(context& ctx, std::string node) {
  const auto below = ctx.spawn({.placement = placement::on(node)}, goes_over, std::vector<std::string>());
  const int depth = co_await below;
  ctx.publish(depth);
  co_return co_await ctx.receive<int>("go on");
}
BANYAN_FUNCTION(listens_after_one_elsewhere)

int asks_when_let(context& ctx) {
  lend_gate->wait();
  return ctx.spawn({.queue = "one"}, has_a_turn, 1).get();
}
BANYAN_FUNCTION(asks_when_let)

task<int> goes_on_elsewhere(context& ctx, std::string node) {
  ++tops;
  const auto below = ctx.spawn({.blocking = true, .placement = placement::on(node)}, asks_when_let);
  co_return co_await below + 1;
}
BANYAN_FUNCTION(goes_on_elsewhere)

task<int> calls_in_section(context& ctx, int n) {
  const auto inside = ctx.spawn(critical_section("s", has_a_turn), n);
  co_return co_await inside;
}
BANYAN_FUNCTION(calls_in_section)

task<int> goes_over_to_section(context& ctx, std::vector<std::string> way) {
  if (way.empty()) {
    const auto again = ctx.spawn(calls_in_section, 1);
    co_return co_await again;
  }
  const placement next = placement::on(way.front());
  way.erase(way.begin());
  const auto below = ctx.spawn({.placement = next}, goes_over_to_section, way);
  co_return co_await below;
}
BANYAN_FUNCTION(goes_over_to_section)

int calls_when_let(context& ctx, int n) {
  lend_gate->wait();
  return ctx.spawn(critical_section("s", has_a_turn), n).get();
}
BANYAN_FUNCTION(calls_when_let)

task<key> leaves_one_behind(context& ctx, std::string node) {
  const options behind{.on_parent_done = on_parent_done::detach, .blocking = true, .placement = placement::on(node)};
  co_return ctx.spawn(behind, calls_when_let, 7).key();
}
BANYAN_FUNCTION(leaves_one_behind)

class ClusterLend : public Cluster {
 protected:
  ClusterLend() {
    lend_gate = std::make_shared<gate>();
    tops = 0;
  }
  runtime& with_queue(const std::string& name) {
    runtime_options o = options_of(name);
    o.queues = {{"one", {.concurrency = 1}}};
    return start(std::move(o));
  }
  void begin(const std::vector<std::string>& names) {
    for (const std::string& n : names) with_queue(n);
    ASSERT_TRUE(await_connections());
  }
  template <class R>
  void expect(const future<R>& f, const R& wanted) {
    const bool done = f.wait_for(30s);
    EXPECT_TRUE(done) << f.to_json(5);
    if (done) {
      EXPECT_EQ(f.get(), wanted);
    } else {
      f.cancel();
    }
  }
  static options first_on(const std::string& node) { return {.queue = "one", .placement = placement::on(node)}; }
};

TEST_F(ClusterLend, to_one_below_a_child_on_another_node) {
  begin({"a", "b"});
  using way = std::vector<std::string>;
  expect(with_queue("a").spawn(first_on("a"), goes_over, way{"b"}), 3);
  expect(with_queue("a").spawn(first_on("a"), sends_one_of_the_queue, "b"), 2);
  options blocking = first_on("a");
  blocking.blocking = true;
  expect(with_queue("a").spawn(blocking, blocks_and_goes_over, way{"b"}), 3);
}

TEST_F(ClusterLend, over_a_node_that_is_only_on_the_way) {
  begin({"a", "b", "c"});
  using way = std::vector<std::string>;
  expect(with_queue("a").spawn(first_on("a"), goes_over, way{"b", "c"}), 4);
  expect(with_queue("a").spawn(first_on("a"), goes_over, way{"b", "a", "c", "b"}), 6);
}

TEST_F(ClusterLend, to_one_below_a_child_that_an_idle_node_has_taken) {
  begin({"a", "b"});
  load(with_queue("a"), 4);
  expect(with_queue("a").spawn(first_on("a"), has_work_for_all, 20), 20);
  EXPECT_GE(taken, 4);
}

TEST_F(ClusterLend, as_long_as_one_waits_there) {
  begin({"a", "b"});
  const auto first = with_queue("a").spawn(first_on("a"), listens_after_one_elsewhere, "b");
  ASSERT_TRUE(wait_until([&] { return first.published<int>() == 2 && first.status() == status::waiting; }));
  const auto second = with_queue("b").spawn({.queue = "one"}, has_a_turn, 5);
  EXPECT_FALSE(second.wait_for(300ms));
  first.send("go on", 1);
  expect(first, 1);
  expect(second, 5);
}

TEST_F(ClusterLend, by_one_that_goes_on_on_another_node) {
  begin({"a", "b", "c"});
  const key root = with_queue("a").spawn({.queue = "one"}, goes_on_elsewhere, "b").key();
  ASSERT_TRUE(wait_until([] { return tops > 0; }));
  const auto seen = with_queue("b").find<int>(root);
  ASSERT_TRUE(
      wait_until([&] { return seen.children().size() == 1 && seen.children()[0].status() == status::running; }));
  stop("a");
  ASSERT_TRUE(wait_until([] { return tops > 1; }, 30s));
  lend_gate->open();
  expect(seen, 2);
}

TEST_F(ClusterLend, but_no_critical_section_which_fails_below_itself) {
  begin({"a", "b", "c"});
  using way = std::vector<std::string>;
  for (const way& w : {way{"b"}, way{"b", "c"}, way{"b", "a"}}) {
    const auto again =
        with_queue("a").spawn({.placement = placement::on("a")}, critical_section("s", goes_over_to_section), w);
    ASSERT_TRUE(again.wait_for(30s)) << again.to_json(5);
    EXPECT_EQ(code_of([&] { again.get(); }), errc::invalid_argument);
    EXPECT_THAT(message_of([&] { again.get(); }), HasSubstr("the critical section 's', in which one above it is"));
  }
  expect(with_queue("b").spawn(calls_in_section, 5), 5);
}

TEST_F(ClusterLend, nor_hinders_what_its_holder_has_left_behind) {
  begin({"a", "b"});
  const auto held = with_queue("a").spawn(critical_section("s", leaves_one_behind), "b");
  const auto behind = with_queue("a").find<int>(held.get());
  lend_gate->open();
  expect(behind, 7);
}

}  // namespace
}  // namespace banyan::test
