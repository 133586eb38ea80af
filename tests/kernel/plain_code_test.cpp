#include <set>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

int halve(int n) {
  if (n % 2 != 0) throw std::runtime_error(std::to_string(n) + " is odd");
  return n / 2;
}
BANYAN_FUNCTION(halve)

task<int> word_of(context& ctx) {
  const future<int> word = ctx.promise<int>("word");
  co_return co_await word;
}
BANYAN_FUNCTION(word_of)

std::atomic<int> posted{0};

void post_once(bool well) {
  ++posted;
  if (!well) throw std::runtime_error("not well");
}
BANYAN_FUNCTION(post_once)

/// What plain code, outside of future functions, does with many futures.
class PlainCode : public Kernel {
 protected:
  future<int> waits_for_ever() { return rt().spawn(word_of); }
};

TEST_P(PlainCode, takes_futures_as_they_are_completed) {
  auto done = rt().as_completed(rt().map(halve, std::vector<int>{2, 4, 6}));
  EXPECT_EQ(done.size(), 3u);
  std::multiset<int> values;
  for (const auto& f : done) {
    values.insert(f.get());
    if (f.get() == 3) done.add(rt().spawn(halve, 20));
  }
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 10));
  EXPECT_EQ(done.size(), 0u);
}

TEST_P(PlainCode, does_not_await_what_names_no_future) {
  auto done = rt().as_completed(std::vector{rt().spawn(halve, 8)});
  EXPECT_EQ(code_of([&] { done.add(future<int>()); }), errc::invalid_argument);
  EXPECT_EQ(done.size(), 1u);
  done.add(rt().spawn(halve, 20));
  std::multiset<int> values;
  for (const auto& f : done) values.insert(f.get());
  EXPECT_THAT(values, ElementsAre(4, 10));
}

TEST_P(PlainCode, takes_those_that_are_there_within_a_time) {
  auto done = rt().as_completed(std::vector{waits_for_ever(), rt().spawn(halve, 8)});
  const auto first = done.next(20s);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->get(), 4);
  EXPECT_FALSE(done.next(10ms));
  EXPECT_EQ(done.size(), 1u);
}

TEST_P(PlainCode, gathers_values_or_skips_errors) {
  EXPECT_THAT(rt().gather(rt().map(halve, std::vector<int>{6, 2, 4})), ElementsAre(3, 1, 2));
  EXPECT_THAT(rt().gather(rt().map(halve, std::vector<int>{6, 3, 4}), errors::skip), ElementsAre(3, 2));
  EXPECT_TRUE(rt().gather(std::vector<future<int>>{}).empty());
}

TEST_P(PlainCode, gathers_without_waiting_for_others_than_the_failure) {
  const std::vector all{waits_for_ever(), rt().spawn(halve, 7)};
  EXPECT_THAT(thrown_by([&] { rt().gather(all); }).message(), HasSubstr("7 is odd"));
}

TEST_P(PlainCode, waits_for_all_for_some_and_for_so_long) {
  const std::vector all{rt().spawn(halve, 2), waits_for_ever(), rt().spawn(halve, 3)};
  const wait_result<int> two = rt().wait(all, {.count = 2});
  EXPECT_THAT(two.done, ElementsAre(all[0], all[2]));
  EXPECT_THAT(two.open, ElementsAre(all[1]));
  EXPECT_EQ(rt().wait(all, {.deadline = 20ms}).open.size(), 1u);
  EXPECT_GE(rt().wait(all, {.until = banyan::wait_until::first}).done.size(), 1u);
  EXPECT_GE(rt().wait(all, {.until = banyan::wait_until::first_failure}).done.size(), 1u);
  EXPECT_EQ(rt().wait(std::vector{all[0], all[0], all[2]}).done.size(), 3u);
  EXPECT_THAT(thrown_by([&] {
                rt().wait(std::vector{all[0], all[0]}, {.count = 2});
              }).message(),
              HasSubstr("wait for 2 of 1 futures never ends"));
}

TEST_P(PlainCode, is_told_when_the_runtime_stops) {
  auto done = rt().as_completed(std::vector{waits_for_ever()});
  stop();
  EXPECT_EQ(thrown_by([&] { done.next(); }).code(), errc::stopped);
}

TEST_P(PlainCode, is_told_of_handles_that_name_nothing) {
  EXPECT_EQ(thrown_by([&] {
              rt().gather(std::vector{rt().spawn(halve, 2), future<int>()});
            }).code(),
            errc::invalid_argument);
}

TEST_P(PlainCode, posts_what_nobody_asks_after) {
  const int before = posted.load();
  rt().post(post_once, true);
  rt().post(banyan::bind(post_once, false));
  ASSERT_TRUE(wait_until([&] { return posted.load() == before + 2; }));
  rt().wait_idle();
  EXPECT_TRUE(wait_until([&] { return rt().roots().empty(); }));
}

BANYAN_OVER_EACH_STORE(PlainCode);

}  // namespace
}  // namespace banyan::test
