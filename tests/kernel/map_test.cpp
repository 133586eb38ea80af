#include <set>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/kernel/map_sources.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

/// How deep and how wide a tree of shards is.
struct extent {
  std::size_t depth = 0;
  std::size_t leaves = 0;
};

extent extent_of(const future_handle& f) {
  extent e;
  const auto children = f.children();
  for (const future_handle& child : children) {
    const extent below = extent_of(child);
    e.depth = std::max(e.depth, below.depth + 1);
    e.leaves += below.leaves;
  }
  if (children.empty()) e.leaves = 1;
  return e;
}

std::optional<gate> pages_gate;

std::uint64_t sum_behind_gate(const std::vector<std::uint64_t>& page) {
  EXPECT_TRUE(pages_gate->wait());
  return sum_page(page);
}
BANYAN_FUNCTION(sum_behind_gate)

struct times {
  std::uint64_t factor = 1;
  MSGPACK_DEFINE(factor)
  std::uint64_t operator()(const std::vector<std::uint64_t>& page) const { return factor * sum_page(page); }
};
BANYAN_CLOSURE(times)

struct larger_of {
  std::uint64_t at_least = 0;
  MSGPACK_DEFINE(at_least)
  std::uint64_t operator()(std::uint64_t a, std::uint64_t b) const { return std::max({a, b, at_least}); }
};
BANYAN_CLOSURE(larger_of)

task<std::uint64_t> sum_by_children(context& ctx, std::vector<std::uint64_t> page) {
  const auto sum = ctx.spawn(sum_page, page);
  co_return co_await sum;
}
BANYAN_FUNCTION(sum_by_children)

task<std::uint64_t> adds_in_a_child(context& ctx, std::uint64_t a, std::uint64_t b) {
  const auto sum = ctx.spawn(add_up, a, b);
  co_return co_await sum;
}
BANYAN_FUNCTION(adds_in_a_child)

task<std::uint64_t> maps_inside(context& ctx, std::uint64_t n) {
  co_return co_await ctx.spawn(map_reduce(index_range{0, n}, sum_range, add_up, 0, {.page_size = 10}));
}
BANYAN_FUNCTION(maps_inside)

std::uint64_t count_range(const index_range& page) { return page.last - page.first; }
BANYAN_FUNCTION(count_range)

std::uint64_t scaled_sum(std::uint64_t factor, const std::vector<std::uint64_t>& page) {
  return factor * sum_page(page);
}
BANYAN_FUNCTION(scaled_sum)

std::mutex seen_mutex;
std::multiset<std::uint64_t> seen;

void see(const std::vector<std::uint64_t>& page) {
  const std::lock_guard lock(seen_mutex);
  seen.insert(page.begin(), page.end());
}
BANYAN_FUNCTION(see)

std::atomic<int> refusals{0};

std::uint64_t refuses_some(const std::vector<std::uint64_t>& page) {
  if (page.front() % 2 == 0 && refusals.fetch_sub(1) > 0) throw std::runtime_error("not now");
  return sum_page(page);
}
BANYAN_FUNCTION(refuses_some)

task<std::uint64_t> waits_or_refuses(context& ctx, std::vector<std::uint64_t> page) {
  if (page.back() == 999) throw std::runtime_error("999 is too much");
  const auto never = ctx.promise<std::uint64_t>("never");
  co_return co_await never;
}
BANYAN_FUNCTION(waits_or_refuses)

std::uint64_t sum_up_to(std::uint64_t n) { return n * (n - 1) / 2; }

class Maps : public Kernel {
 protected:
  std::uint64_t sum(const numbers& n, const map_options& opts) {
    return rt().spawn(map_reduce(n, sum_page, add_up, 0, opts)).get();
  }
};
BANYAN_OVER_EACH_STORE(Maps);

TEST_P(Maps, of_a_million_indices_are_as_deep_as_the_logarithm) {
  const auto f = rt().spawn(map_reduce(index_range{0, 1'000'000}, sum_range, add_up, 0));
  EXPECT_EQ(f.get(), sum_up_to(1'000'000));
  rt().wait_idle();
  const extent e = extent_of(f);
  EXPECT_EQ(e.depth, 3u);  // 16 * 16 * 4 pages
  EXPECT_EQ(e.leaves, 1024u);
  EXPECT_EQ(f.progress().weight, 1e6);
  EXPECT_EQ(f.progress().calculated, 1e6);
}

TEST_P(Maps, split_on_what_turns_out_to_be_large) {
  const auto f = rt().spawn(map_reduce(numbers{0, 10'000}, sum_page, add_up, 0, {.page_size = 100, .shards = 4}));
  EXPECT_EQ(f.get(), sum_up_to(10'000));
  rt().wait_idle();
  const extent e = extent_of(f);
  EXPECT_GE(e.depth, 5u);
  EXPECT_LE(e.depth, 10u);
  EXPECT_EQ(f.progress().weight, 10'000);
  EXPECT_EQ(f.progress().fraction(), 1);
}

TEST_P(Maps, combine_in_the_order_of_the_source) {
  std::vector<std::string> words;
  std::string all = "begin:";
  for (int i = 0; i < 500; ++i) {
    words.push_back(std::to_string(i));
    all += words.back() + ";";
  }
  const map_options opts{.page_size = 7, .shards = 3};
  EXPECT_EQ(rt().spawn(map_reduce(items(words), join_page, append_text, "begin:", opts)).get(), all);
  EXPECT_EQ(rt().spawn(map_reduce(items(words), join_page, append_text, "begin:", {.page_size = 1000})).get(), all);
}

TEST_P(Maps, of_nothing_result_in_the_initial_value) {
  EXPECT_EQ(rt().spawn(map_reduce(index_range{5, 5}, sum_range, add_up, 42)).get(), 42u);
  EXPECT_EQ(rt().spawn(map_reduce(index_range{9, 5}, sum_range, add_up, 42)).get(), 42u);
  EXPECT_EQ(rt().spawn(map_reduce(items(std::vector<std::string>()), join_page, append_text, "x")).get(), "x");
  const auto f = rt().spawn(map_reduce(numbers{5, 5}, sum_page, add_up, 42, {.count_first = true}));
  EXPECT_EQ(f.get(), 42u);
  EXPECT_EQ(f.progress().fraction(), 1);
  EXPECT_EQ(rt().spawn(for_each_page(numbers{5, 5}, see)).get(), 0u);
}

TEST_P(Maps, use_the_initial_value_once) {
  EXPECT_EQ(rt().spawn(map_reduce(index_range{7, 8}, sum_range, add_up, 100)).get(), 107u);
  EXPECT_EQ(rt().spawn(map_reduce(index_range{0, 100}, sum_range, add_up, 100, {.page_size = 3})).get(), 5050u);
}

TEST_P(Maps, go_through_pages_that_are_full_or_of_one_element) {
  EXPECT_EQ(sum({0, 64}, {.page_size = 1, .shards = 2}), sum_up_to(64));
  EXPECT_EQ(sum({0, 64}, {.page_size = 64}), sum_up_to(64));
  EXPECT_EQ(sum({0, 64}, {.page_size = 1'000'000}), sum_up_to(64));
}

TEST_P(Maps, of_huge_ranges_neither_overflow_nor_list_them) {
  const map_options opts{.page_size = 10'000'000'000};
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(rt().spawn(map_reduce(index_range{5, 1'000'000'000'005}, count_range, add_up, 0, opts)).get(),
            1'000'000'000'000u);
  const map_options few{.page_size = largest / 50, .shards = 7};
  EXPECT_EQ(rt().spawn(map_reduce(index_range{0, largest}, count_range, add_up, 0, few)).get(), largest);
}

TEST_P(Maps, see_each_element_once) {
  seen.clear();
  const auto f = rt().spawn(for_each_page(numbers{0, 3000}, see, {.page_size = 70, .shards = 5}));
  EXPECT_EQ(f.get(), 3000u);
  EXPECT_EQ(seen.size(), 3000u);
  EXPECT_EQ(std::set<std::uint64_t>(seen.begin(), seen.end()).size(), 3000u);
}

TEST_P(Maps, take_closures_coroutines_and_bound_functions) {
  const numbers all{0, 200};
  const map_options opts{.page_size = 9};
  EXPECT_EQ(rt().spawn(map_reduce(all, times{3}, add_up, 0, opts)).get(), 3 * sum_up_to(200));
  EXPECT_EQ(rt().spawn(map_reduce(all, times{1}, larger_of{5000}, 0, opts)).get(), 5000u);
  EXPECT_EQ(rt().spawn(map_reduce(all, sum_by_children, adds_in_a_child, 0, opts)).get(), sum_up_to(200));
  const auto map = banyan::bind(scaled_sum, std::uint64_t{2});
  EXPECT_EQ(rt().spawn(map_reduce(all, map, add_up, 0, opts)).get(), 2 * sum_up_to(200));
  EXPECT_EQ(rt().spawn(maps_inside, std::uint64_t{100}).get(), sum_up_to(100));
  const std::vector<fn<std::uint64_t()>> both{map_reduce(all, sum_page, add_up, 0), for_each_page(all, see)};
  EXPECT_EQ(rt().spawn(parallel(both)).get(), (std::vector<std::uint64_t>{sum_up_to(200), 200}));
}

TEST_P(Maps, that_count_first_know_all_weights_before_they_map) {
  pages_gate.emplace();
  const auto f = rt().spawn(
      map_reduce(numbers{0, 1000}, sum_behind_gate, add_up, 0, {.page_size = 30, .shards = 4, .count_first = true}));
  ASSERT_TRUE(wait_until([&] { return f.progress().weight == 1000; }));
  EXPECT_EQ(f.progress().calculated, 0);
  // The first one counted.
  ASSERT_TRUE(wait_until([&] { return f.children().size() == 2; }));
  const auto of_map = f.children().back();
  ASSERT_TRUE(wait_until([&] { return of_map.children().size() == 4; }));
  double sum = 0;
  for (const auto& shard : of_map.children()) {
    EXPECT_TRUE(shard.progress().known());
    sum += shard.progress().weight;
  }
  EXPECT_EQ(sum, 1000);
  pages_gate->open();
  EXPECT_EQ(f.get(), sum_up_to(1000));
  rt().wait_idle();
  EXPECT_EQ(f.progress().calculated, 1000);
  EXPECT_EQ(f.progress().fraction(), 1);
}

TEST_P(Maps, that_know_their_size_take_no_pass_to_count) {
  const auto f = rt().spawn(map_reduce(index_range{0, 100}, sum_range, add_up, 0, {.count_first = true}));
  EXPECT_EQ(f.get(), sum_up_to(100));
  EXPECT_EQ(f.children().size(), 1u);
}

TEST_P(Maps, without_a_count_do_not_know_how_much_there_is) {
  pages_gate.emplace();
  const auto f = rt().spawn(map_reduce(numbers{0, 1000}, sum_behind_gate, add_up, 0, {.page_size = 10, .shards = 4}));
  ASSERT_TRUE(wait_until([&] { return !f.progress().known(); }));
  EXPECT_EQ(f.progress().fraction(), 0);
  EXPECT_THAT(f.to_json(0), HasSubstr("\"progress\":null"));
  EXPECT_THAT(f.to_json(0), HasSubstr("\"weight\":null"));
  pages_gate->open();
  EXPECT_EQ(f.get(), sum_up_to(1000));
  rt().wait_idle();
  EXPECT_EQ(f.progress().weight, 1000);
  EXPECT_EQ(f.progress().fraction(), 1);
  EXPECT_THAT(f.to_json(0), HasSubstr("\"progress\":1.0"));
}

TEST_P(Maps, fail_as_the_first_shard_that_fails_and_cancel_the_rest) {
  const auto f = rt().spawn(map_reduce(numbers{0, 1000}, waits_or_refuses, add_up, 0, {.page_size = 100}));
  EXPECT_THAT(message_of([&] { f.get(); }), HasSubstr("999 is too much"));
  rt().wait_idle();
  for (const auto& shard : f.children()[0].children()) EXPECT_NE(shard.status(), status::success);
}

TEST_P(Maps, try_a_shard_again_by_its_policy) {
  refusals = 3;
  const retry_policy soon{.max_attempts = 4, .first_delay = 1ms};
  const auto f = rt().spawn(map_reduce(numbers{0, 1000}, refuses_some, add_up, 0, {.page_size = 100, .retry = soon}));
  EXPECT_EQ(f.get(), sum_up_to(1000));
  EXPECT_LE(refusals, 0);
}

TEST_P(Maps, find_their_counts_whatever_is_kept) {
  const map_options opts{.page_size = 50, .shards = 4, .count_first = true};
  const auto call = map_reduce(numbers{0, 2000}, sum_page, add_up, 0, opts);
  EXPECT_EQ(rt().spawn({.keep = keep::none}, call).get(), sum_up_to(2000));
  EXPECT_EQ(rt().spawn({.durable = false}, call).get(), sum_up_to(2000));
}

TEST_P(Maps, are_cancelled_as_a_whole) {
  const auto f = rt().spawn(map_reduce(numbers{0, 90}, waits_or_refuses, add_up, 0, {.page_size = 10}));
  ASSERT_TRUE(wait_until([&] { return !f.children().empty() && f.children()[0].children().size() > 3; }));
  EXPECT_TRUE(f.cancel());
  rt().wait_idle();
  for (const auto& shard : f.children()[0].children()) EXPECT_EQ(shard.status(), status::cancelled);
}

TEST_P(Maps, refuse_bad_options_where_they_are_made) {
  const auto with = [](const map_options& opts) {
    return code_of([&] { map_reduce(index_range{0, 1}, sum_range, add_up, 0, opts); });
  };
  EXPECT_EQ(with({.page_size = 0}), errc::invalid_argument);
  EXPECT_EQ(with({.shards = 1}), errc::invalid_argument);
  EXPECT_EQ(with({.retry = {.max_attempts = 0}}), errc::invalid_argument);
  EXPECT_EQ(with({.placement = placement::role("")}), errc::invalid_argument);
  EXPECT_EQ(code_of([] { for_each_page(index_range{0, 1}, count_range, {.shards = 0}); }), errc::invalid_argument);
}

TEST_P(Maps, take_over_what_was_counted_and_mapped_when_they_are_tried_again) {
  refusals = 1;
  const map_options opts{.page_size = 50, .shards = 4, .count_first = true};
  const auto f = rt().spawn(map_reduce(numbers{0, 1000}, refuses_some, add_up, 0, opts));
  EXPECT_EQ(code_of([&] { f.get(); }), errc::failed);
  rt().wait_idle();
  const auto again = f.retry();
  EXPECT_EQ(again.get(), sum_up_to(1000));
  refusals = 1;
  const auto gone = rt().spawn(map_reduce(numbers{0, 1000}, refuses_some, add_up, 0, opts));
  EXPECT_EQ(code_of([&] { gone.get(); }), errc::failed);
  rt().wait_idle();
  refusals = 1;
  const auto second = gone.retry();  // fails again, and holds counts of a tree that is forgotten
  EXPECT_EQ(code_of([&] { second.get(); }), errc::failed);
  rt().wait_idle();
  rt().forget(gone.key());
  EXPECT_EQ(second.retry().get(), sum_up_to(1000));
}

}  // namespace
}  // namespace banyan::test
