#include <array>

#include "tests/kernel/given_numbers.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/sanitized.hpp"

/// The limits that docs/reference.md states.
namespace banyan::test {
namespace {

using testing::HasSubstr;

constexpr int deepest = 10'000;

enum class bottom : int { succeeds, fails, waits };

/// A chain of futures, each the child of the one before.
task<int> descend(context& ctx, int levels, int end) {
  if (levels > 0) {
    const future<int> next = ctx.spawn(descend, levels - 1, end);
    co_return 1 + co_await next;
  }
  if (end == static_cast<int>(bottom::fails)) throw std::runtime_error("the ground gave way");
  if (end == static_cast<int>(bottom::succeeds)) co_return 0;
  const future<int> word = ctx.promise<int>("word");
  co_return co_await word;
}
BANYAN_FUNCTION(descend)

/// The future at the end of a chain, once it waits there.
future_handle find_bottom(future_handle at) {
  for (int level = 0; level <= deepest; ++level) {
    std::vector<future_handle> below;
    EXPECT_TRUE(wait_until([&] { return !(below = at.children()).empty(); }));
    if (below.empty()) break;
    at = below.front();
  }
  return at;
}

std::string passes(std::string text) { return text; }
BANYAN_FUNCTION(passes)

task<std::string> passes_on(context& ctx, std::string text) {
  const future<std::string> child = ctx.spawn(passes, text);
  co_return co_await child;
}
BANYAN_FUNCTION(passes_on)

constexpr int many_handlers = 1000;
std::atomic<int> called{0};
std::array<std::atomic<int>, many_handlers> calls;
void count(int number, future<int>) {
  ++calls.at(static_cast<std::size_t>(number));
  ++called;
}
BANYAN_FUNCTION(count)

std::atomic<int> watched{0};
void watch(int, future_handle) { ++watched; }
BANYAN_FUNCTION(watch)

task<int> sums_up(context& ctx, int children) {
  std::vector<future<int>> below;
  for (int i = 0; i < children; ++i) below.push_back(ctx.spawn(give_later, i, 1));
  int sum = 0;
  for (const int n : co_await banyan::all(below)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(sums_up)

class Limits : public Kernel {};
BANYAN_OVER_EACH_STORE(Limits);

TEST_P(Limits, a_chain_of_ten_thousand_futures_comes_to_its_result) {
  EXPECT_EQ(rt().spawn(descend, deepest, static_cast<int>(bottom::succeeds)).get(), deepest);
}

TEST_P(Limits, a_failure_comes_up_ten_thousand_futures) {
  const auto top = rt().spawn(descend, deepest, static_cast<int>(bottom::fails));
  EXPECT_THAT(message_of([&] { top.get(); }), HasSubstr("the ground gave way"));
}

TEST_P(Limits, a_cancellation_goes_down_ten_thousand_futures) {
  const auto top = rt().spawn(descend, deepest, static_cast<int>(bottom::waits));
  const future_handle end = find_bottom(top);
  EXPECT_TRUE(top.cancel());
  EXPECT_TRUE(wait_until([&] { return end.status() == status::cancelled; }));
  rt().wait_idle();
  EXPECT_THAT(top.to_json(0), HasSubstr("\"settled\":true"));
}

TEST_P(Limits, a_chain_of_ten_thousand_futures_goes_on_after_a_restart) {
  if (GetParam() == "memory") GTEST_SKIP() << "nothing outlives the runtime";
  const auto top = rt().spawn(descend, deepest, static_cast<int>(bottom::waits));
  const key k = top.key();
  const key end = find_bottom(top).key();
  restart();
  EXPECT_TRUE(rt().find<int>(end).set_value(7));
  EXPECT_EQ(rt().find<int>(k).get(), deepest + 7);
  rt().wait_idle();
  rt().forget(k);
}

TEST_P(Limits, a_payload_may_have_sixteen_mebibytes) {
  constexpr std::size_t overhead = 16;  // of its encoding
  const std::string text((16u << 20) - overhead, 'x');
  EXPECT_EQ(rt().spawn(passes_on, text).get(), text);
  EXPECT_EQ(code_of([&] { rt().spawn(passes_on, text + std::string(2 * overhead, 'x')); }), errc::too_large);
}

TEST_P(Limits, a_future_may_have_a_thousand_handlers) {
  called = 0;
  for (auto& n : calls) n = 0;
  std::vector<handler> all;
  for (int i = 0; i < many_handlers; ++i) all.emplace_back(banyan::bind(count, i));
  const auto f = rt().spawn({.on_success = handlers(all)}, give, 1);
  EXPECT_TRUE(wait_until([&] { return called >= many_handlers; }));
  rt().wait_idle();
  EXPECT_EQ(f.handlers().size(), 1000u);
  for (const auto& n : calls) EXPECT_EQ(n, 1);
}

TEST_P(Limits, a_thousand_handlers_of_progress_do_not_hold_up_the_work) {
  options.threads = 1;
  std::vector<handler> all;
  for (int i = 0; i < many_handlers; ++i) all.emplace_back(banyan::bind(watch, i));
  const auto f = rt().spawn({.on_progress = handlers(all)}, sums_up, 100);
  EXPECT_EQ(f.get_for(patience), 4950);
}

}  // namespace
}  // namespace banyan::test
