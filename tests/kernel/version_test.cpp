#include "actors/function_registry.hpp"
#include "persistence/submit.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/tree_builder.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

/// What ran: the number in the name of the function, and the version that it was told.
task<std::string> first_order(context& ctx) {
  co_await ctx.promise<int>("paid");
  co_return "first as " + std::to_string(ctx.version());
}
task<std::string> second_order(context& ctx) {
  co_await ctx.promise<int>("paid");
  co_return "second as " + std::to_string(ctx.version());
}
task<std::string> fourth_order(context& ctx) {
  co_await ctx.promise<int>("paid");
  co_return "fourth as " + std::to_string(ctx.version());
}

int tells_version(context& ctx) { return static_cast<int>(ctx.version()); }
BANYAN_FUNCTION_VERSION(tells_version, 3)

int unversioned(context& ctx) { return static_cast<int>(ctx.version()); }
BANYAN_FUNCTION(unversioned)

task<std::vector<int>> asks_children(context& ctx) {
  std::vector<future<int>> children{ctx.spawn(tells_version), ctx.spawn(unversioned)};
  children.push_back(ctx.spawn(fn<int()>(tells_version)));
  co_return co_await all(children);
}
BANYAN_FUNCTION(asks_children)

/// Fails as long as it is told to, and remembers as which version it ran.
std::mutex fickle_mutex;
std::vector<std::uint32_t> fickle_versions;
bool fickle_fails = true;
int fickle(context& ctx) {
  const std::lock_guard lock(fickle_mutex);
  fickle_versions.push_back(ctx.version());
  if (fickle_fails) throw std::runtime_error("not yet");
  return static_cast<int>(ctx.version());
}
BANYAN_FUNCTION_VERSION(fickle, 2)

/// A plain function that records nothing but a checkpoint, and then what becomes of it is decided outside.
pending_result<int> keeps_a_checkpoint(context& ctx) {
  if (const auto kept = ctx.restore<std::uint32_t>()) return static_cast<int>(10 * *kept + ctx.version());
  ctx.checkpoint(ctx.version());
  return pending;
}

/// Functions stay registered: each test has names of its own, over each store.
class Versions : public testing::TestWithParam<std::string>, protected restartable {
 protected:
  Versions() : restartable(GetParam()) { options.name = "versions"; }
  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }

  /// A root as a program that knows another version has recorded it.
  key record_call(const std::string& function, std::uint32_t version) {
    stop();
    const auto s = detail::open_store(url, detail::open_mode::drive, options.name);
    auto spec = call_of(function);
    spec.arguments = "\x90";
    spec.version = version;
    const key k = tree_builder(*s).root(function + std::to_string(version), spec);
    s->close();
    return k;
  }
  /// As `banyan submit` does, which knows no functions.
  key submit(const std::string& function) {
    rt();
    const auto s = detail::open_store(url, detail::open_mode::outside, "");
    const key k = detail::submit_root(*s, {}, function, "\x90", s->time()).key;
    s->close();
    return k;
  }
  void pay(const future_handle& job) {
    ASSERT_TRUE(wait_until([&] { return !job.children().empty(); }));
    EXPECT_TRUE(rt().find<int>(job.children().front().key()).set_value(1));
  }
};

TEST_P(Versions, what_is_spawned_is_of_the_newest) {
  EXPECT_THAT(rt().spawn(asks_children).get(), testing::ElementsAre(3, 1, 3));
  EXPECT_EQ(rt().spawn(tells_version).get(), 3);
  EXPECT_THAT(rt().spawn(tells_version).to_json(), HasSubstr("\"version\":3"));
}

TEST_P(Versions, what_began_as_an_earlier_one_is_told_so) {
  const key first = record_call("tells_version", 1);
  const key second = record_call("tells_version", 2);
  EXPECT_EQ(rt().find<int>(first).get_for(20s), 1);
  EXPECT_EQ(rt().find<int>(second).get_for(20s), 2);
}

TEST_P(Versions, what_began_goes_on_with_the_function_that_was_kept_for_it) {
  const std::string name = "order of " + GetParam();
  const detail::registration first(name, first_order);
  const auto job = rt().spawn(fn<std::string()>(detail::bound_call{name, 0, {}}));
  ASSERT_TRUE(wait_until([&] { return !job.children().empty(); }));
  const key k = job.key();
  stop();
  const detail::registration second(name, second_order, 2);
  const detail::registration fourth(name, fourth_order, 4);
  const key as_third = record_call(name, 3);
  for (const auto& [which, what] : {std::pair{k, "first as 1"}, {as_third, "fourth as 3"}}) {
    const auto again = rt().find<std::string>(which);
    pay(again);
    EXPECT_EQ(again.get_for(20s), what);
  }
}

TEST_P(Versions, of_a_later_one_waits_for_a_program_that_has_it) {
  const std::string name = "of tomorrow over " + GetParam();
  const detail::registration today(name, tells_version, 3);
  const key k = record_call(name, 5);
  const auto job = rt().find<int>(k);
  rt().wait_idle();
  EXPECT_EQ(job.status(), status::waiting);
  EXPECT_THAT(job.to_json(), HasSubstr("no function '" + name + " (version 5)', only version 3"));
  const detail::registration tomorrow(name, unversioned, 6);
  EXPECT_EQ(job.get_for(20s), 5);
}

TEST_P(Versions, are_kept_by_all_attempts_and_by_a_retry) {
  const key k = record_call("fickle", 1);
  {
    const std::lock_guard lock(fickle_mutex);
    fickle_versions.clear();
    fickle_fails = true;
  }
  const auto job = rt().find<int>(k);
  EXPECT_THROW(job.get_for(20s), failure);
  ASSERT_TRUE(wait_until([&] { return rt().roots().front().settled; }));
  {
    const std::lock_guard lock(fickle_mutex);
    fickle_fails = false;
  }
  EXPECT_EQ(job.retry().get_for(20s), 1);
  EXPECT_THAT(fickle_versions, testing::ElementsAre(1, 1));
}

/// Records a step and nothing else before it waits.
task<std::string> receives_payment(context& ctx) {
  co_await ctx.run("begin", [] {});
  co_await ctx.receive<int>("paid");
  co_return "as " + std::to_string(ctx.version());
}
task<std::string> receives_payment_later(context& ctx) { co_return co_await receives_payment(ctx); }

class SubmittedVersions : public Versions {
 protected:
  SubmittedVersions() {
    // There only nodes look for what is submitted.
    if (GetParam() == "redis") options.node.listen = "127.0.0.1:0";
  }
};

TEST_P(SubmittedVersions, are_of_whoever_begins_them_first) {
  const std::string name = "submitted to " + GetParam();
  const detail::registration second(name, second_order, 2);
  const key k = submit(name);
  pay(rt().find_handle(k));
  EXPECT_EQ(rt().find<std::string>(k).get_for(20s), "second as 2");

  const key other = submit(name);
  ASSERT_TRUE(wait_until([&] { return !rt().find_handle(other).children().empty(); }));
  stop();
  const detail::registration fourth(name, fourth_order, 4);
  pay(rt().find_handle(other));
  EXPECT_EQ(rt().find<std::string>(other).get_for(20s), "second as 2");

  const key newest = submit(name);
  pay(rt().find_handle(newest));
  EXPECT_EQ(rt().find<std::string>(newest).get_for(20s), "fourth as 4");
}

TEST_P(SubmittedVersions, are_known_from_a_step) {
  const std::string name = "steps over " + GetParam();
  const detail::registration second(name, receives_payment, 2);
  const key k = submit(name);
  ASSERT_TRUE(wait_until([&] { return rt().find_handle(k).status() == status::waiting; }));
  stop();
  const detail::registration fourth(name, receives_payment_later, 4);
  EXPECT_TRUE(rt().find_handle(k).send("paid", 1));
  EXPECT_EQ(rt().find<std::string>(k).get_for(20s), "as 2");
}

TEST_P(SubmittedVersions, are_known_from_a_checkpoint) {
  const std::string name = "checkpoint over " + GetParam();
  const detail::registration first(name, keeps_a_checkpoint, 2);
  const key k = submit(name);
  ASSERT_TRUE(wait_until([&] { return rt().find_handle(k).status() == status::waiting; }));
  stop();
  // The same code by another address.
  const detail::registration second(
      name, +[](context& ctx) { return keeps_a_checkpoint(ctx); }, 7);
  EXPECT_EQ(rt().find<int>(k).get_for(20s), 22) << "kept by 2, read as 2";
}

TEST(Version, contradictions_are_errors_of_every_runtime) {
  const auto errors = [](const std::string& what) {
    const auto all = detail::registration_errors();
    return std::ranges::count_if(all, [&](const std::string& e) { return e.find(what) != std::string::npos; });
  };
  // They stay for as long as the process does.
  const std::string counts = in_child([&] {
    const detail::registration one("contradiction", tells_version, 2);
    const detail::registration the_same("contradiction", tells_version, 2);
    std::string found = std::to_string(errors("contradiction"));
    const detail::registration other_function("contradiction", unversioned, 2);
    found += " " + std::to_string(errors("two functions are registered as 'contradiction (version 2)'"));
    const detail::registration other_version("contradiction", tells_version, 3);
    return found + " " + std::to_string(errors("'contradiction' of version 2 and of version 3"));
  });
  EXPECT_EQ(counts, "0 1 1");
}

BANYAN_OVER_SHARED_STORES(Versions);
BANYAN_OVER_SHARED_STORES(SubmittedVersions);

}  // namespace
}  // namespace banyan::test
