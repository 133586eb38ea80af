#include "messages/clock.hpp"
#include "persistence/store.hpp"
#include "tests/kernel/kernel_fixture.hpp"

namespace banyan::test {
namespace {

task<int> asks_somebody(context& ctx) { co_return 1 + co_await ctx.promise<int>("answer"); }
BANYAN_FUNCTION(asks_somebody)

int adds_two(int a, int b) { return a + b; }
BANYAN_FUNCTION(adds_two)

task<int> sleeps_for_long(context& ctx) {
  co_await ctx.sleep(1h);
  co_return 0;
}
BANYAN_FUNCTION(sleeps_for_long)

/// Two runtimes on one Redis.
class SharedStore : public testing::Test, protected restartable {
 protected:
  SharedStore() : restartable("redis") { options.name = "first"; }
  void SetUp() override { BANYAN_NEEDS_REDIS(); }
  runtime_options of_another() const { return {.store = url, .name = "second", .threads = 1}; }
};

TEST_F(SharedStore, who_waits_for_what_another_runtime_runs_gets_its_result) {
  runtime other{of_another()};
  const auto job = other.spawn(asks_somebody);
  const auto seen_here = rt().find<int>(job.key());
  EXPECT_FALSE(seen_here.wait_for(1ms));
  ASSERT_TRUE(wait_until([&] { return !job.children().empty(); }));
  other.find<int>(job.children().front().key()).set_value(4);
  EXPECT_EQ(seen_here.get_for(20s), 5);
}

TEST_F(SharedStore, a_result_from_another_runtime_reaches_who_runs_the_future) {
  runtime other{of_another()};
  const auto job = other.spawn(asks_somebody);
  ASSERT_TRUE(wait_until([&] { return !job.children().empty(); }));
  EXPECT_TRUE(rt().find<int>(job.children().front().key()).set_value(7));
  EXPECT_EQ(job.get_for(20s), 8);
}

TEST_F(SharedStore, a_runtime_cancels_what_another_runs) {
  runtime other{of_another()};
  const auto job = other.spawn(sleeps_for_long);
  EXPECT_TRUE(rt().find<int>(job.key()).cancel());
  EXPECT_EQ(code_of([&] { job.get_for(20s); }), errc::cancelled);
  EXPECT_TRUE(wait_until([&] { return other.roots().front().settled; }));
}

TEST_F(SharedStore, of_one_id_in_two_runtimes_there_is_one_future) {
  runtime other{of_another()};
  const auto here = rt().spawn({.id = "sum"}, adds_two, 2, 3);
  const auto there = other.spawn({.id = "sum"}, adds_two, 2, 3);
  EXPECT_EQ(here.key(), there.key());
  EXPECT_EQ(here.get_for(20s), 5);
  EXPECT_EQ(there.get_for(20s), 5);
}

TEST_F(SharedStore, a_runtime_resumes_its_own_roots_and_no_others) {
  const key k = rt().spawn(asks_somebody).key();
  rt().wait_idle();
  stop();
  runtime other{of_another()};
  other.wait_idle();
  EXPECT_TRUE(other.find<int>(k).cancel());
  EXPECT_FALSE(other.roots().front().settled);
  EXPECT_EQ(code_of([&] { rt().find<int>(k).get_for(20s); }), errc::cancelled);
  EXPECT_TRUE(wait_until([&] { return rt().roots().front().settled; }));
}

void change(detail::store& s, const detail::write& w) {
  std::vector<detail::write_outcome> outcomes(1);
  s.commit({&w, 1}, outcomes);
}

void change_list(detail::store& s, detail::write::what kind, const key& root) {
  change(s, {kind, root.family, 0, 1000, {}});
}

/// As a process leaves it that dies while it spawns a root.
void list_without_a_record(const std::string& url, const std::string& driver, const key& root) {
  const auto store = detail::open_store(url, detail::open_mode::drive, driver);
  change_list(*store, detail::write::what::add_root, root);
}

TEST_F(SharedStore, a_root_is_settled_and_taken_off_the_list_by_who_drives_it_alone) {
  const key root = runtime::key_of("job");
  const auto driver = detail::open_store(url, detail::open_mode::drive, "first");
  const auto other = detail::open_store(url, detail::open_mode::drive, "second");
  change_list(*driver, detail::write::what::add_root, root);
  change_list(*other, detail::write::what::settle_root, root);
  change_list(*other, detail::write::what::drop_root, root);
  ASSERT_TRUE(driver->root(root.family));
  EXPECT_EQ(driver->root(root.family)->settled, 0);
  EXPECT_EQ(driver->roots(true).size(), 1u);
  change_list(*driver, detail::write::what::settle_root, root);
  EXPECT_EQ(driver->root(root.family)->settled, 1000);
  change_list(*other, detail::write::what::drop_root, root);
  EXPECT_FALSE(driver->root(root.family));
}

TEST_F(SharedStore, a_root_that_was_listed_but_never_written_is_taken_off_the_list) {
  list_without_a_record(url, "first", runtime::key_of("sum"));
  rt().wait_idle();
  EXPECT_TRUE(wait_until([&] { return rt().roots().empty(); }));
  EXPECT_EQ(rt().spawn({.id = "sum"}, adds_two, 2, 3).get_for(20s), 5);
}

TEST_F(SharedStore, who_writes_a_root_that_another_only_listed_drives_it) {
  const key k = runtime::key_of("job");
  list_without_a_record(url, "first", k);
  {
    runtime other{of_another()};
    EXPECT_EQ(other.spawn({.id = "job"}, asks_somebody).key(), k);
    other.wait_idle();
  }
  rt().wait_idle();
  EXPECT_EQ(rt().find<int>(k).status(), status::pending);  // the other has ended, and it is none of ours
  runtime other{of_another()};
  other.find<int>(other.find<int>(k).children().front().key()).set_value(4);
  EXPECT_EQ(other.find<int>(k).get_for(20s), 5);
}

TEST_F(SharedStore, a_root_that_was_written_but_never_listed_is_driven_by_who_spawns_it_again) {
  const key k = runtime::key_of("sum");
  const bytes arguments = detail::encode(std::tuple(2, 3));
  {
    const auto dies = detail::open_store(url, detail::open_mode::drive, "first");
    change(*dies, {detail::write::what::spec, k.family, 0, 0,
                   detail::encode_call({"adds_two"}, arguments, detail::now_ms() - 60'000, 0, nullptr, nullptr)});
  }
  rt().wait_idle();
  EXPECT_EQ(rt().find<int>(k).status(), status::pending);
  EXPECT_EQ(rt().spawn({.id = "sum"}, adds_two, 2, 3).get_for(20s), 5);
  EXPECT_EQ(rt().roots().size(), 1u);
}

TEST_F(SharedStore, a_root_whose_writer_dies_before_it_is_listed_is_driven_when_he_would_have_lost_his_lease) {
  options.node.lease = 500ms;
  options.node.heartbeat = 100ms;
  const key k = runtime::key_of("sum");
  {
    const auto dies = detail::open_store(url, detail::open_mode::drive, "first");
    change(*dies, {detail::write::what::spec, k.family, 0, 0,
                   detail::encode_call({"adds_two"}, detail::encode(std::tuple(2, 3)), detail::now_ms(), 0, nullptr,
                                       nullptr)});
  }
  EXPECT_EQ(rt().spawn({.id = "sum"}, adds_two, 2, 3).get_for(20s), 5);
}

std::mutex counted_mutex;
std::map<int, int> counted;
int counts_its_runs(int n) {
  const std::lock_guard lock(counted_mutex);
  ++counted[n];
  return n;
}
BANYAN_FUNCTION(counts_its_runs)

TEST_F(SharedStore, one_id_that_two_spawn_at_a_time_runs_once) {
  constexpr int count = 300;
  counted.clear();
  runtime other{of_another()};
  const auto spawn_all = [](runtime& here) {
    std::vector<future<int>> all;
    for (int i = 0; i < count; ++i) all.push_back(here.spawn({.id = "job " + std::to_string(i)}, counts_its_runs, i));
    for (const auto& f : all) f.get_for(20s);
  };
  rt();
  std::thread second([&] { spawn_all(other); });
  spawn_all(rt());
  second.join();
  rt().wait_idle();
  other.wait_idle();
  EXPECT_EQ(counted.size(), static_cast<std::size_t>(count));
  for (const auto& [n, runs] : counted) EXPECT_EQ(runs, 1) << n;
}

TEST_F(SharedStore, a_second_runtime_of_one_name_is_refused_and_told_who_holds_it) {
  rt();
  runtime_options same = of_another();
  same.name = "first";
  EXPECT_EQ(code_of([&] { runtime{same}; }), errc::store_busy);
  EXPECT_THAT(message_of([&] { runtime{same}; }), testing::HasSubstr("a runtime named 'first' drives it"));
}

}  // namespace
}  // namespace banyan::test
