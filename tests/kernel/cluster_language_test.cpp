#include "persistence/signals.hpp"
#include "tests/kernel/cluster_work.hpp"

/// The language of futures, over several nodes.
namespace banyan::test {
namespace {

int raised(int by, int n) { return n + by; }
BANYAN_FUNCTION(raised)

task<int> takes_spread(context& ctx, fn<int(int)> f, int count) {
  auto done = as_completed(ctx.map({.placement = placement::spread()}, f, std::views::iota(0, count)));
  int sum = 0;
  while (const auto next = co_await done.next()) sum += co_await *next;
  co_return sum;
}
BANYAN_FUNCTION(takes_spread)

void pass_on(const future<int>& to, const future<int>& of) { to.set_value(of.get()); }
BANYAN_FUNCTION(pass_on)

/// Of the runtimes in which handlers ran.
std::mutex heard_mutex;
std::map<int, int> heard_in;

void hear(int, const future_handle&) {
  const int place = works_somewhere();
  const std::lock_guard lock(heard_mutex);
  ++heard_in[place];
}
BANYAN_FUNCTION(hear)

void say_that_it_failed(const future<int>& to, const future_handle&) { to.set_value(100); }
BANYAN_FUNCTION(say_that_it_failed)

int refuses() { throw std::runtime_error("not today"); }
BANYAN_FUNCTION(refuses)

task<int> hears_of_children_elsewhere(context& ctx, std::string node) {
  const future<int> good = ctx.promise<int>("good");
  const future<int> bad = ctx.promise<int>("bad");
  const future<int> late = ctx.promise<int>("late");
  ctx.spawn({.on_success = banyan::bind(pass_on, good), .placement = placement::on(node)}, raised, 3, 4);
  const future<int> child = ctx.spawn({.on_failure = banyan::bind(say_that_it_failed, bad),
                                       .on_parent_done = on_parent_done::detach,
                                       .placement = placement::on(node)},
                                      refuses);
  child.on_failure(banyan::bind(say_that_it_failed, late));
  const int first = co_await good;
  const int second = co_await bad;
  co_return first + second + co_await late;
}
BANYAN_FUNCTION(hears_of_children_elsewhere)

task<long> splits_over(context& ctx, std::string node, int count) {
  for (int i = 1; i <= count; ++i) ctx.spawn({.placement = placement::spread()}, raised, 0, i);
  ctx.spawn({.placement = placement::on(node)}, raised, 0, 0);
  co_return pending;
}
BANYAN_FUNCTION(splits_over)

long added(long sum, int n) { return sum + n; }
BANYAN_FUNCTION(added)

task<int> listens(context& ctx, int count) {
  int heard = 0;
  for (int i = 0; i < count; ++i) {
    heard = 10 * heard + co_await ctx.receive<int>("digit");
    ctx.publish(heard);
  }
  co_return heard;
}
BANYAN_FUNCTION(listens)

task<int> listens_on(context& ctx, std::string node, int count) {
  const future<int> child = ctx.spawn({.placement = placement::on(node)}, listens, count);
  ctx.publish(child.key());
  co_return co_await child;
}
BANYAN_FUNCTION(listens_on)

TEST_F(Cluster, signals_find_a_future_on_any_node_from_any_node) {
  for (const char* name : {"a", "b", "c"}) node(name);
  ASSERT_TRUE(await_connections());
  const auto f = node("a").spawn(listens_on, "b", 6);
  ASSERT_TRUE(wait_until([&] { return f.published<key>().has_value(); }));
  const key child = *f.published<key>();
  int heard = 0;
  for (const char* name : {"a", "b", "c", "c", "a", "b"}) {
    const int digit = heard % 10 + 1;
    EXPECT_TRUE(node(name).find_handle(child).send("digit", digit));
    heard = 10 * heard + digit;
    EXPECT_TRUE(wait_until([&] { return node("c").find_handle(child).published<int>() == heard; })) << heard;
  }
  EXPECT_EQ(f.get_for(20s), 123456);
}

TEST_F(Cluster, signals_of_another_program_find_a_future_on_a_node_that_does_not_drive_it) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const auto f = node("a").spawn(listens_on, "b", 2);
  ASSERT_TRUE(wait_until([&] { return f.published<key>().has_value(); }));
  const key child = *f.published<key>();
  ASSERT_TRUE(wait_until([&] { return node("b").find_handle(child).status() == status::waiting; }));
  const auto other = detail::open_store(redis().url(), detail::open_mode::outside, "");
  for (const int digit : {1, 2}) {
    EXPECT_TRUE(detail::send_from_outside(*other, {child, "digit", detail::random_sending(), detail::encode(digit)}));
  }
  // By itself it would look later.
  EXPECT_EQ(f.get_for(20s), 12);
}

TEST_F(Cluster, signals_find_a_future_that_has_moved) {
  for (const char* name : {"a", "b"}) node(name);
  ASSERT_TRUE(await_connections());
  const auto f = node("a").spawn({.placement = placement::on("b")}, listens, 3);
  ASSERT_TRUE(wait_until([&] { return f.status() == status::waiting; }));
  EXPECT_TRUE(f.send("digit", 1));
  const key k = f.key();
  const auto heard = [&](int digits) {
    return wait_until([&] { return node("a").find_handle(k).published<int>() == digits; });
  };
  EXPECT_TRUE(heard(1));
  stop("b");
  EXPECT_TRUE(f.send("digit", 2));
  node("b");
  EXPECT_TRUE(heard(12));
  EXPECT_TRUE(f.send("digit", 3));
  EXPECT_EQ(f.get_for(20s), 123);
}

TEST_F(Cluster, functions_as_values_and_choices_work_over_many_nodes) {
  node("a");
  node("b");
  node("c");
  ASSERT_TRUE(await_connections());
  const fn<int(int)> f = banyan::bind(raised, 10);
  EXPECT_EQ(node("b").spawn(takes_spread, f, 30).get_for(30s), 30 * 10 + 30 * 29 / 2);
  const std::vector<fn<int()>> calls{banyan::bind(f, 1), banyan::bind(f, 2)};
  EXPECT_EQ(node("a").spawn({.placement = placement::on("c")}, parallel(calls)).get_for(30s), (std::vector{11, 12}));
}

TEST_F(Cluster, handlers_hear_of_futures_on_other_nodes) {
  node("n1");
  node("n2");
  ASSERT_TRUE(await_connections());
  const auto f = node("n1").spawn(hears_of_children_elsewhere, "n2");
  EXPECT_EQ(f.get_for(20s), 207);
}

TEST_F(Cluster, who_has_nothing_to_do_takes_handlers_that_wait_elsewhere) {
  node("a");
  node("b");
  ASSERT_TRUE(await_connections());
  load(node("a"), 51);
  std::vector<handler> all;
  for (int i = 0; i < 400; ++i) all.emplace_back(banyan::bind(hear, i));
  const auto f = node("a").spawn({.on_success = handlers(all)}, raised, 1, 2);
  const auto heard = [](runtime& rt) {
    const std::lock_guard lock(heard_mutex);
    return heard_in[static_cast<int>(rt.engine()->id())];
  };
  ASSERT_TRUE(wait_until([&] { return heard(node("a")) + heard(node("b")) >= 400; }));
  EXPECT_GT(heard(node("a")), 50);
  EXPECT_GT(heard(node("b")), 50);
  node("a").wait_idle();
  node("a").forget(f.key());  // throws where it is not settled
}

TEST_F(Cluster, results_of_children_on_many_nodes_are_combined) {
  node("n1");
  node("n2");
  node("n3");
  ASSERT_TRUE(await_connections());
  const banyan::options sum{.on_all_children_success = combine(0, added), .placement = placement::on("n2")};
  EXPECT_EQ(node("n1").spawn(sum, splits_over, "n3", 50).get_for(20s), 1275);
}

}  // namespace
}  // namespace banyan::test
