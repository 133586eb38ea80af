#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include <banyan/banyan.hpp>

#include "tests/kernel/given_numbers.hpp"
#include "tests/kernel/handler_jobs.hpp"

/// Trees that are run again, in whole or from a child on, to be killed.
namespace banyan::test {

/// Fails until this process has seen it fail.
inline std::atomic<bool> may_succeed{false};

inline int give_at_last(int n) {
  if (!may_succeed) throw std::runtime_error("not yet");
  return n;
}
BANYAN_FUNCTION(give_at_last)

inline task<int> fails_at_first(context& ctx) {
  int sum = 0;
  for (const int n : {1, 2, 3}) {
    const future<int> good = ctx.spawn(give, n);
    sum += co_await good;
  }
  const future<int> last = ctx.spawn(give_at_last, 10);
  co_return sum + co_await last;
}
BANYAN_FUNCTION(fails_at_first)

inline int sum_of_retry(runtime& rt, const std::string& name) {
  const future<int> f = rt.spawn({.id = name}, fails_at_first);
  try {
    return f.get();
  } catch (const failure&) {
    may_succeed = true;
    rt.wait_idle();
    return f.retry().get();
  }
}

/// What was given to the tree that fails is there in each that replaces it.
inline int sum_of_second_try(runtime& rt, const std::string& name) {
  const future<int> f = rt.spawn({.id = name, .on_all_children_success = banyan::combine(1000, plus)}, waits_for_gifts);
  rt.adopt(f.key(), {.id = "good"}, sums_children);
  rt.adopt(f.key(), {.id = "bad"}, give_at_last, 10);
  future<int>(f.children().front()).set_value(0);
  f.wait_for(std::chrono::seconds(20));
  may_succeed = true;
  rt.wait_idle();
  const int sum = f.retry().get();
  rt.wait_idle();
  for (const auto& root : rt.roots()) {
    const future<int> one = rt.find<int>(root.key);
    // One that was begun by a process that was killed may have failed in the next one.
    if (one.status() != status::failure && one.get() != sum)
      throw permanent_failure("another result: " + one.to_json());
  }
  return sum;
}

inline int draw() { return static_cast<int>(std::random_device()() >> 1); }
BANYAN_FUNCTION(draw)

inline task<std::vector<int>> draws_thrice(context& ctx) {
  std::vector<int> drawn;
  for (int i = 0; i < 3; ++i) {
    const future<int> f = ctx.spawn(draw);
    drawn.push_back(co_await f);
  }
  co_return drawn;
}
BANYAN_FUNCTION(draws_thrice)

/// How much of what was drawn before the third time each fork has in common with what it was made of.
inline int shared_by_forks(runtime& rt, const std::string& name) {
  const auto f = rt.spawn({.id = name}, draws_thrice);
  const std::vector<int> drawn = f.get();
  const std::vector<int> forked = f.fork(f.children().at(2).key()).get();
  // Of those, too, that were begun by processes that were killed.
  rt.wait_idle();
  int least = 3;
  for (const auto& root : rt.roots()) {
    const std::vector<int> other = rt.find<std::vector<int>>(root.key).get();
    const auto same = std::ranges::mismatch(drawn, other).in1 - drawn.begin();
    if (root.key != f.key()) least = std::min(least, static_cast<int>(same));
  }
  return forked == drawn ? -1 : least;
}

}  // namespace banyan::test
