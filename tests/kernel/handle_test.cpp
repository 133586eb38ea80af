#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>
#include <unordered_set>

#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::atomic<int> runs{0};

int twice(int n) {
  ++runs;
  return 2 * n;
}
BANYAN_FUNCTION(twice)

int thrice(int n) { return 3 * n; }
BANYAN_FUNCTION(thrice)

int breaks(int n) { throw std::runtime_error("broken " + std::to_string(n)); }
BANYAN_FUNCTION(breaks)

task<int> parent(context& ctx) {
  const auto a = ctx.spawn({.name = "first"}, twice, 1);
  const auto b = ctx.spawn(breaks, 2);
  const int n = co_await a;
  try {
    co_await b;
  } catch (const failure&) {
  }
  co_return n;
}
BANYAN_FUNCTION(parent)

task<int> approval(context& ctx) { co_return co_await ctx.promise<int>("manager"); }
BANYAN_FUNCTION(approval)

task<int> weighted(context& ctx) {
  ctx.set_weight(10);
  ctx.set_progress(4);
  ctx.set_progress(3);  // has no effect
  co_return co_await ctx.promise<int>("rest");
}
BANYAN_FUNCTION(weighted)

task<int> sum_of_weights(context& ctx) {
  const auto a = ctx.spawn({.weight = 3.0}, twice, 1);
  const auto b = ctx.spawn({.weight = 6.0}, weighted);
  const int n = co_await a;
  co_return n + co_await b;
}
BANYAN_FUNCTION(sum_of_weights)

std::atomic<int> looks{0};

/// So that who looks at it sees it in between.
int advances(context& ctx) {
  for (int i = 1; i <= 100; ++i) {
    ctx.set_progress(i / 200.0);
    if (i % 10 == 0) static_cast<void>(wait_until([before = looks.load()] { return looks > before; }, 1s));
  }
  return 1;
}
BANYAN_FUNCTION(advances)

task<int> advancing_family(context& ctx) {
  std::vector<future<int>> fs;
  for (int i = 0; i < 30; ++i) fs.push_back(ctx.spawn(advances));
  co_return static_cast<int>((co_await all(fs)).size());
}
BANYAN_FUNCTION(advancing_family)

class Handles : public Kernel {
 protected:
  Handles() { runs = 0; }
};
BANYAN_OVER_EACH_STORE(Handles);

TEST_P(Handles, with_the_same_id_and_call_join) {
  const auto a = rt().spawn({.id = "x"}, approval);
  const auto b = rt().spawn({.id = "x"}, approval);
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.key(), runtime::key_of("x"));
  rt().wait_idle();
  rt().find<int>(a.children()[0].key()).set_value(9);
  EXPECT_EQ(b.get(), 9);
  EXPECT_EQ(rt().spawn({.id = "x"}, approval).get(), 9);
  EXPECT_THAT(rt().roots(), SizeIs(1));
}

TEST_P(Handles, with_the_same_id_and_another_call_conflict) {
  rt().spawn({.id = "x"}, twice, 1).get();
  EXPECT_EQ(code_of([&] { rt().spawn({.id = "x"}, twice, 2); }), errc::id_conflict);
  EXPECT_EQ(code_of([&] { rt().spawn({.id = "x"}, thrice, 1); }), errc::id_conflict);
  EXPECT_THAT(message_of([&] { rt().spawn({.id = "x"}, thrice, 1); }), HasSubstr("twice"));
  EXPECT_EQ(rt().spawn({.id = "x"}, twice, 1).get(), 2);
  EXPECT_EQ(runs, 1);
}

TEST_P(Handles, of_one_id_spawned_by_many_threads_are_one_future) {
  runtime& r = rt();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&r] {
      for (int n = 0; n < 20; ++n) EXPECT_EQ(r.spawn({.id = std::to_string(n)}, twice, n).get(), 2 * n);
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(runs, 20);
}

TEST_P(Handles, are_found_by_key) {
  const auto job = rt().spawn(twice, 4);
  EXPECT_EQ(rt().find<int>(job.key()).get(), 8);
  EXPECT_EQ(rt().find<int>(job.key().str()).get(), 8);
  EXPECT_EQ(code_of([&] { rt().find<int>(runtime::key_of("nobody")); }), errc::not_found);
  EXPECT_EQ(code_of([&] { rt().find<int>("not a key"); }), errc::bad_key);
  EXPECT_EQ(code_of([&] { future<int>().get(); }), errc::invalid_argument);
  EXPECT_EQ(code_of([&] { rt().find<std::string>(job.key()).get(); }), errc::bad_payload);
}

TEST_P(Handles, are_values) {
  const auto a = rt().spawn(twice, 1);
  const auto b = rt().spawn(twice, 2);
  const future<int> copy = a;
  EXPECT_EQ(copy, a);
  EXPECT_NE(a, b);
  EXPECT_THAT((std::unordered_set<future<int>>{a, b, copy}), SizeIs(2));
}

TEST_P(Handles, roots_are_listed_by_filters) {
  rt().spawn(twice, 1).get();
  rt().spawn({.name = "label"}, twice, 2).get();
  const auto bad = rt().spawn(breaks, 1);
  EXPECT_THROW(bad.get(), failure);
  rt().wait_idle();
  EXPECT_THAT(rt().roots(), SizeIs(3));
  EXPECT_THAT(rt().roots({.status = status::success}), SizeIs(2));
  EXPECT_THAT(rt().roots({.name = "label"}), SizeIs(1));
  EXPECT_THAT(rt().roots({.function = "twice"}), SizeIs(2));
  EXPECT_THAT(rt().roots({.limit = 1}), SizeIs(1));
  EXPECT_EQ(rt().roots({.function = "breaks"}).front().key, bad.key());
  const auto all = rt().roots();
  EXPECT_TRUE(std::ranges::is_sorted(all, {}, &root_info::created)) << "the oldest come first";
}

TEST_P(Handles, describe_themselves_as_json) {
  const auto job = rt().spawn({.name = "all"}, parent);
  EXPECT_EQ(job.get(), 2);
  rt().wait_idle();
  const auto j = nlohmann::json::parse(job.to_json());
  EXPECT_EQ(j["key"], job.key().str());
  EXPECT_EQ(j["name"], "all");
  EXPECT_EQ(j["function"], "parent");
  EXPECT_EQ(j["status"], "success");
  EXPECT_EQ(j["level"], 0);
  EXPECT_EQ(j["result"], 2);
  EXPECT_EQ(j["attempts"], 1);
  for (const char* field :
       {"created", "started", "finished", "runtime", "progress", "local_progress", "calculated_progress", "weight"}) {
    EXPECT_TRUE(j.contains(field) && !j[field].is_null()) << field;
  }
  ASSERT_EQ(j["children"].size(), 2u);
  EXPECT_EQ(j["children"][0]["name"], "first");
  EXPECT_EQ(j["children"][0]["level"], 1);
  EXPECT_EQ(j["children"][1]["status"], "failure");
  EXPECT_EQ(j["children"][1]["error"]["message"], "broken 2");
  EXPECT_EQ(j["children"][1]["error"]["function"], "breaks");
  EXPECT_FALSE(nlohmann::json::parse(job.to_json(0)).contains("children"));
}

TEST_P(Handles, wait_with_a_limit) {
  const auto job = rt().spawn(approval);
  EXPECT_FALSE(job.wait_for(5ms));
  EXPECT_THROW(job.get_for(5ms), timeout);
  rt().wait_idle();
  rt().find<int>(job.children()[0].key()).set_value(1);
  EXPECT_TRUE(job.wait_for(20s));
  EXPECT_EQ(job.get_for(20s), 1);
}

TEST_P(Handles, set_results_from_outside_by_key) {
  const auto a = rt().spawn(approval);
  const auto b = rt().spawn(approval);
  rt().wait_idle();
  EXPECT_EQ(a.status(), status::waiting);
  EXPECT_EQ(a.children()[0].status(), status::pending);
  EXPECT_TRUE(rt().find<int>(a.children()[0].key().str()).set_value(3));
  EXPECT_TRUE(b.children()[0].set_error("rejected"));
  EXPECT_EQ(a.get(), 3);
  EXPECT_THAT(message_of([&] { b.get(); }), HasSubstr("rejected"));
  EXPECT_FALSE(b.children()[0].set_error("again"));
  rt().wait_idle();
  for (const auto& root : rt().roots()) EXPECT_TRUE(root.settled) << root.key;
  const auto c = rt().spawn(approval);
  EXPECT_TRUE(c.set_value(8));
  EXPECT_EQ(c.get(), 8);
}

TEST_P(Handles, a_result_set_before_the_start_is_the_result) {
  const auto job = rt().spawn({.start_after = 1h}, twice, 1);
  EXPECT_TRUE(job.set_value(5));
  EXPECT_EQ(job.get(), 5);
  rt().wait_idle();
  EXPECT_EQ(job.get(), 5);
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(rt().roots().front().settled);
}

TEST_P(Handles, idle_is_who_waits_for_somebody_outside) {
  rt().wait_idle();
  const auto job = rt().spawn(approval);
  rt().wait_idle();
  EXPECT_EQ(job.status(), status::waiting);
  rt().spawn({.start_after = 30ms}, twice, 1);
  rt().wait_idle();
  EXPECT_EQ(runs, 1);
}

class P8_progress : public Kernel {};
BANYAN_OVER_EACH_STORE(P8_progress);

TEST_P(P8_progress, flows_up_with_weights_and_a_finished_leaf_fills_its_own) {
  const auto job = rt().spawn(sum_of_weights);
  // The first child is done, the second says 4 of 10.
  EXPECT_TRUE(wait_until([&] { return job.progress().calculated >= 7; })) << job.to_json(2);
  const progress p = job.progress();
  EXPECT_DOUBLE_EQ(p.calculated, 7);
  EXPECT_DOUBLE_EQ(p.weight, 13);
  EXPECT_DOUBLE_EQ(job.children()[0].progress().fraction(), 1);
  EXPECT_DOUBLE_EQ(job.children()[1].progress().fraction(), 0.4);
}

TEST_P(P8_progress, never_goes_back) {
  const auto job = rt().spawn(advancing_family);
  progress last;
  while (!job.ready()) {
    const progress p = job.progress();
    ASSERT_GE(p.calculated, last.calculated - 1e-9);
    last = p;
    ++looks;
  }
  EXPECT_NEAR(job.progress().calculated, 30, 1e-9);
  EXPECT_DOUBLE_EQ(job.progress().fraction(), 1);
}

TEST_P(P8_progress, and_status_do_not_go_back_while_a_result_is_being_recorded) {
  options.store = "fault+memory:?delay_ms=30";
  const auto job = rt().spawn(advances);
  progress last;
  bool running = false;
  for (;;) {
    const status s = job.status();
    const progress p = job.progress();
    running = running || s == status::running;
    EXPECT_FALSE(running && s == status::pending);
    EXPECT_GE(p.calculated, last.calculated - 1e-9);
    last = p;
    ++looks;
    if (is_final(s) || HasFailure()) break;
  }
}

}  // namespace
}  // namespace banyan::test
