#include <banyan/composition.hpp>

#include "tests/kernel/given_numbers.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

/// Those of a number that is to come late wait for a word that does not come.
std::vector<future<int>> start(context& ctx, const std::vector<int>& numbers) {
  std::vector<future<int>> all;
  for (const int n : numbers) {
    all.push_back(n >= 100 ? ctx.promise<int>(std::to_string(n)) : ctx.spawn(give, n));
  }
  return all;
}

std::vector<std::size_t> places(const std::vector<future<int>>& some, const std::vector<future<int>>& all) {
  std::vector<std::size_t> found;
  for (const auto& f : some) found.push_back(static_cast<std::size_t>(std::ranges::find(all, f) - all.begin()));
  return found;
}

using lists = std::vector<std::vector<std::size_t>>;

task<lists> wait_until_done(context& ctx, std::vector<int> numbers, std::size_t count, int until, int ms) {
  const std::vector<future<int>> all = start(ctx, numbers);
  wait_options opts{.count = count, .until = static_cast<banyan::wait_until>(until)};
  if (ms > 0) opts.deadline = std::chrono::milliseconds(ms);
  const wait_result<int> r = co_await banyan::wait(all, opts);
  for (const auto& f : all) f.cancel();
  lists found{places(r.done, all), places(r.open, all)};
  co_return found;
}
BANYAN_FUNCTION(wait_until_done)

task<std::vector<int>> gather_some(context& ctx, std::vector<int> numbers, bool skip) {
  const std::vector<int> got = co_await gather(start(ctx, numbers), skip ? errors::skip : errors::raise);
  co_return got;
}
BANYAN_FUNCTION(gather_some)

task<int> succeed_first(context& ctx, std::vector<int> numbers) {
  const first_result<int> first = co_await first_success(start(ctx, numbers));
  co_return first.value;
}
BANYAN_FUNCTION(succeed_first)

task<std::vector<int>> take_as_completed(context& ctx, std::vector<int> numbers, std::size_t batch) {
  auto done = as_completed(start(ctx, numbers));
  std::vector<int> got;
  if (batch == 1) {
    while (const auto f = co_await done.next()) got.push_back(co_await *f);
  } else {
    for (;;) {
      const std::vector<future<int>> some = co_await done.next_batch(batch);
      if (some.empty()) break;
      for (const auto& f : some) got.push_back(co_await f);
    }
  }
  co_return got;
}
BANYAN_FUNCTION(take_as_completed)

task<int> count_down(context& ctx, int from) {
  completions<int> done = as_completed(start(ctx, {from}));
  int sum = 0;
  while (const auto f = co_await done.next()) {
    const int n = co_await *f;
    sum += n;
    if (n > 0) done.add(ctx.spawn(give, n - 1));
  }
  co_return sum;
}
BANYAN_FUNCTION(count_down)

task<int> give_in_time(context& ctx, int n, int takes, int limit) {
  const future<int> f = ctx.spawn(give_later, n, takes);
  const int got = co_await with_timeout(f, std::chrono::milliseconds(limit));
  co_return got;
}
BANYAN_FUNCTION(give_in_time)

int sum_and(int n, const std::vector<int>& so_far) {
  for (const int m : so_far) n += m;
  return n;
}
BANYAN_FUNCTION(sum_and)

std::string echo_word(const std::string& word) { return word; }
BANYAN_FUNCTION(echo_word)

std::string in_words(int n) { return "the number " + std::to_string(n); }
BANYAN_FUNCTION(in_words)

task<std::string> in_words_then(context& ctx, int n) {
  const future<int> f = ctx.spawn(give, n);
  const future<std::string> words = ctx.spawn(then(f, fn(in_words)));
  co_return co_await words;
}
BANYAN_FUNCTION(in_words_then)

task<int> maps(context& ctx, int count) {
  int sum = 0;
  for (const int n : co_await gather(ctx.map(give, std::views::iota(0, count)))) sum += n;
  for (const auto& f : ctx.map({.name = "mapped"}, banyan::bind(give_later, 1), std::vector<int>{0, 1})) {
    sum += co_await f;
  }
  co_return sum;
}
BANYAN_FUNCTION(maps)

class Completion : public Kernel {
 protected:
  template <class... A>
  auto run(A&&... a) {
    return rt().spawn(std::forward<A>(a)...).get_for(20s);
  }
};

constexpr int all_done = 0;
constexpr int first_done = 1;
constexpr int first_failed = 2;

TEST_P(Completion, of_all_is_waited_for_whatever_they_are) {
  EXPECT_THAT(run(wait_until_done, std::vector<int>{1, -1, 2}, 0u, all_done, 0),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre()));
  EXPECT_THAT(run(wait_until_done, std::vector<int>{}, 0u, all_done, 0), ElementsAre(ElementsAre(), ElementsAre()));
}

TEST_P(Completion, of_the_first_ends_a_wait) {
  EXPECT_THAT(run(wait_until_done, std::vector<int>{100, 1, 101}, 0u, first_done, 0),
              ElementsAre(ElementsAre(1), ElementsAre(0, 2)));
}

TEST_P(Completion, of_so_many_ends_a_wait) {
  EXPECT_THAT(run(wait_until_done, std::vector<int>{100, 1, -1, 2, 101}, 3u, all_done, 0),
              ElementsAre(ElementsAre(1, 2, 3), ElementsAre(0, 4)));
}

TEST_P(Completion, that_is_a_failure_ends_a_wait_for_the_first_one) {
  const lists found = run(wait_until_done, std::vector<int>{100, 1, -1}, 0u, first_failed, 0);
  EXPECT_THAT(found.at(0), testing::Contains(2));
  EXPECT_THAT(found.at(1), testing::Contains(0));
  EXPECT_THAT(run(wait_until_done, std::vector<int>{1, 2}, 0u, first_failed, 0),
              ElementsAre(ElementsAre(0, 1), ElementsAre()));
}

TEST_P(Completion, is_waited_for_until_a_deadline) {
  EXPECT_THAT(run(wait_until_done, std::vector<int>{100, 1}, 0u, all_done, 300),
              ElementsAre(ElementsAre(1), ElementsAre(0)));
}

TEST_P(Completion, of_more_than_there_are_is_refused) {
  EXPECT_THAT(thrown_by([&] {
                run(wait_until_done, std::vector<int>{1, 2}, 3u, all_done, 0);
              }).message(),
              HasSubstr("wait for 3 of 2 futures never ends"));
}

TEST_P(Completion, gathers_values_or_skips_errors) {
  EXPECT_THAT(run(gather_some, std::vector<int>{3, 1, 2}, false), ElementsAre(3, 1, 2));
  EXPECT_THAT(run(gather_some, std::vector<int>{3, -1, 2}, true), ElementsAre(3, 2));
  EXPECT_THAT(thrown_by([&] {
                run(gather_some, std::vector<int>{100, -7, 2}, false);
              }).message(),
              HasSubstr("below zero: -7"));
}

TEST_P(Completion, that_succeeds_first_is_taken) {
  EXPECT_EQ(run(succeed_first, std::vector<int>{-1, 100, 5, -2}), 5);
  EXPECT_THAT(thrown_by([&] {
                run(succeed_first, std::vector<int>{-3, -1, -2});
              }).message(),
              HasSubstr("below zero: -3"));
}

TEST_P(Completion, hands_out_every_future_once) {
  EXPECT_THAT(run(take_as_completed, std::vector<int>{1, 2, 3, 4}, 1u), UnorderedElementsAre(1, 2, 3, 4));
  EXPECT_THAT(run(take_as_completed, std::vector<int>{1, 2, 3, 4, 5}, 2u), UnorderedElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(run(take_as_completed, std::vector<int>{}, 1u), ElementsAre());
}

TEST_P(Completion, takes_more_while_it_is_iterated) { EXPECT_EQ(run(count_down, 10), 55); }

TEST_P(Completion, in_time_gives_the_value) { EXPECT_EQ(run(give_in_time, 4, 1, 20000), 4); }

TEST_P(Completion, that_takes_too_long_is_a_timeout_and_cancelled) {
  const auto job = rt().spawn(give_in_time, 4, 60000, 20);
  EXPECT_THROW(job.get_for(20s), timeout);
  EXPECT_TRUE(wait_until([&] { return job.children().front().status() == status::cancelled; }));
}

TEST_P(Completion, of_a_sequence_gives_each_the_results_so_far) {
  const std::vector<fn<int(std::vector<int>)>> steps{banyan::bind(sum_and, 1), banyan::bind(sum_and, 2),
                                                     banyan::bind(sum_and, 3)};
  EXPECT_THAT(run(sequence(steps)), ElementsAre(1, 3, 7));
  EXPECT_THAT(run(sequence(std::vector<fn<int(std::vector<int>)>>{})), ElementsAre());
}

TEST_P(Completion, of_parallel_calls_gives_all_results) {
  EXPECT_THAT(run(parallel(std::vector<fn<int()>>{banyan::bind(give, 4), banyan::bind(give, 2)})), ElementsAre(4, 2));
  EXPECT_THAT(thrown_by([&] { run(parallel(std::vector<fn<int()>>{banyan::bind(give, -4)})); }).message(),
              HasSubstr("below zero"));
}

TEST_P(Completion, then_calls_the_next) {
  EXPECT_EQ(run(in_words_then, 7), "the number 7");
  EXPECT_EQ(run(then(rt().spawn(give, 3), fn(in_words))), "the number 3");
}

TEST_P(Completion, of_a_mapped_range_is_that_of_each_element) {
  EXPECT_EQ(run(maps, 10), 47);
  const std::vector<std::string> words{"a", "b"};
  int i = 0;
  for (const auto& f : rt().map(echo_word, words)) EXPECT_EQ(f.get_for(20s), words.at(i++));
  EXPECT_TRUE(rt().map(echo_word, std::vector<std::string>{}).empty());
}

BANYAN_OVER_EACH_STORE(Completion);

}  // namespace
}  // namespace banyan::test
