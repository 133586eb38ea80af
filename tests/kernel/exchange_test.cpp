#include <functional>
#include <mutex>
#include <optional>

#include "actors/engine.hpp"
#include "messages/clock.hpp"
#include "messages/family.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/gate.hpp"

namespace banyan::test {
namespace {

using namespace detail;

constexpr incarnation_id here = 1;
constexpr incarnation_id first_host = 7;
constexpr incarnation_id second_host = 8;

/// Other nodes that take all that is sent to them and do nothing.
class silent_nodes final : public neighbours {
 public:
  incarnation_id self() const override { return here; }
  incarnation_id choose(const placement& how, const call_needs&) override {
    return how.how == placement::kind::spread ? first_host : here;
  }
  bool may_run(incarnation_id, const placement&, const call_needs&) override { return false; }
  bool give_root(const family_id&, incarnation_id) override { return false; }
  bool exists(incarnation_id node) const override {
    const std::lock_guard lock(mutex_);
    return gone_ != node;
  }
  bool find_out(incarnation_id node) override { return exists(node); }
  bool is_connected(incarnation_id) const override { return true; }
  void send(incarnation_id to, const frame& f) override {
    if (at_send) at_send(f);
    const std::lock_guard lock(mutex_);
    sent_.emplace_back(to, f);
  }
  std::vector<incarnation_id> living() const override { return {}; }
  void root_given(const family_id&) override {}

  void lose(incarnation_id node) {
    const std::lock_guard lock(mutex_);
    gone_ = node;
  }
  /// The first of this kind that was sent there about a future.
  template <class Frame>
  std::optional<Frame> heard(incarnation_id node, const key& k) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [to, f] : sent_) {
      const Frame* const found = std::get_if<Frame>(&f);
      if (to == node && found && found->child == k) return *found;
    }
    return std::nullopt;
  }

  std::function<void(const frame&)> at_send;  ///< set before anything is sent

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<incarnation_id, frame>> sent_;
  incarnation_id gone_ = 0;
};

std::optional<gate> opened;
std::atomic<int> begun{0};

int works_for_a_parent() {
  ++begun;
  return opened->wait() ? 17 : 0;
}
BANYAN_FUNCTION(works_for_a_parent)

task<int> sleeps_for_a_parent(context& ctx) {
  ++begun;
  while (!opened->is_open()) co_await ctx.sleep(1ms);
  co_return 17;
}
BANYAN_FUNCTION(sleeps_for_a_parent)

task<int> awaits_a_worker(context& ctx) { co_return co_await ctx.spawn(works_for_a_parent); }
BANYAN_FUNCTION(awaits_a_worker)

task<int> fails_with_a_child_elsewhere(context& ctx) {
  static_cast<void>(ctx.spawn({.placement = placement::spread()}, works_for_a_parent));
  co_await ctx.run("a step", [] { return wait_until([] { return begun > 0; }); });
  throw std::runtime_error("it fails");
}
BANYAN_FUNCTION(fails_with_a_child_elsewhere)

/// A node of its own, to which a test says what others may say.
class Exchange : public testing::Test, protected restartable {
 protected:
  explicit Exchange(const std::string& scheme = "memory") : restartable(scheme) {}

  void SetUp() override {
    opened.emplace();
    begun = 0;
    rt().engine()->join(others_);
  }
  void TearDown() override {
    opened->open();
    stop();
  }

  static place_frame order(const key& parent, std::uint64_t index, const char* function = "works_for_a_parent") {
    place_frame f;
    f.child = {child_family(parent, 1), index};
    f.parent = parent;
    f.root = parent.family;
    f.spec = encode_call({function, 1}, encode_arguments(), 1, 0, nullptr, nullptr);
    return f;
  }
  void receive(incarnation_id from, frame f) { rt().engine()->exchange()->receive(from, std::move(f)); }

  silent_nodes others_;
  const key root_{named_family("a root"), 0};
  const key child_{child_family(root_, 1), 0};
};

TEST_F(Exchange, a_guest_that_runs_when_its_parent_goes_on_here_is_its_child) {
  receive(first_host, order(root_, 0));
  ASSERT_TRUE(wait_until([] { return begun == 1; }));
  const auto root = rt().spawn({.id = "a root"}, awaits_a_worker);
  ASSERT_TRUE(wait_until([&] { return rt().engine()->exchange()->is_away(child_); }));
  opened->open();
  EXPECT_EQ(root.get_for(patience), 17);
  EXPECT_EQ(begun, 1);
}

TEST_F(Exchange, an_order_that_comes_after_its_parent_is_refused) {
  const auto root = rt().spawn({.id = "a root"}, awaits_a_worker);
  ASSERT_TRUE(wait_until([] { return begun == 1; }));
  receive(first_host, order(root_, 0));
  EXPECT_TRUE(wait_until([&] { return others_.heard<absent_frame>(first_host, child_).has_value(); }));
  opened->open();
  EXPECT_EQ(root.get_for(patience), 17);
  EXPECT_EQ(begun, 1);
}

TEST_F(Exchange, the_end_of_a_guest_is_told_to_all_that_may_have_its_parent) {
  receive(first_host, order(root_, 0));
  receive(second_host, order(root_, 1));
  opened->open();
  for (const incarnation_id host : {first_host, second_host}) {
    for (const std::uint64_t index : {0, 1}) {
      EXPECT_TRUE(wait_until([&] { return others_.heard<done_frame>(host, order(root_, index).child).has_value(); }));
    }
  }
}

TEST_F(Exchange, an_order_from_where_the_parent_was_is_refused_until_who_asked_later_is_lost) {
  receive(first_host, order(root_, 0));
  receive(second_host, attach_frame{child_});
  EXPECT_TRUE(others_.heard<here_frame>(second_host, child_));
  const place_frame next = order(root_, 1);
  receive(first_host, next);
  EXPECT_TRUE(others_.heard<absent_frame>(first_host, next.child));
  rt().engine()->exchange()->lost(second_host);
  receive(first_host, next);
  EXPECT_TRUE(wait_until([] { return begun == 2; }));
}

TEST_F(Exchange, a_node_that_is_gone_orders_nothing) {
  others_.lose(first_host);
  receive(first_host, order(root_, 0));
  EXPECT_FALSE(rt().engine()->exchange()->parent_of(child_));
}

TEST_F(Exchange, a_guest_is_stopped_by_where_its_parent_may_be_and_by_nobody_else) {
  const error_info why{errc::cancelled, "stopped", {}, {}};
  for (const std::uint64_t index : {0, 1}) receive(first_host, order(root_, index, "sleeps_for_a_parent"));
  ASSERT_TRUE(wait_until([] { return begun == 2; }));
  receive(second_host, stop_frame{order(root_, 0).child, why});
  receive(first_host, stop_frame{order(root_, 1).child, why});
  const auto end_of = [&](std::uint64_t index) {
    const key k = order(root_, index).child;
    EXPECT_TRUE(wait_until([&] { return others_.heard<done_frame>(first_host, k).has_value(); }));
    return others_.heard<done_frame>(first_host, k).value().result->status;
  };
  EXPECT_EQ(end_of(1), status::cancelled);
  opened->open();
  EXPECT_EQ(end_of(0), status::success);
}

TEST_F(Exchange, a_node_that_is_given_up_says_nothing) {
  receive(first_host, order(root_, 0));
  ASSERT_TRUE(wait_until([] { return begun == 1; }));
  rt().engine()->give_up();
  opened->open();
  stop();
  EXPECT_FALSE(others_.heard<done_frame>(first_host, child_));
}

/// In a file a write is durable some time after it was submitted.
class ExchangeOverAFile : public Exchange {
 protected:
  ExchangeOverAFile() : Exchange("sqlite") {}

  std::atomic<bool> was_durable_{false};
};

TEST_F(ExchangeOverAFile, children_elsewhere_are_stopped_once_it_is_durable_why) {
  others_.at_send = [&](const frame& f) {
    if (std::holds_alternative<place_frame>(f)) ++begun;
    if (!std::holds_alternative<stop_frame>(f)) return;
    const auto r = rt().engine()->data().backend().load(root_);
    was_durable_ = r && !r->result.empty();
  };
  rt().spawn({.id = "a root"}, fails_with_a_child_elsewhere);
  EXPECT_TRUE(wait_until([&] { return others_.heard<stop_frame>(first_host, child_).has_value(); }));
  EXPECT_TRUE(was_durable_);
}

}  // namespace
}  // namespace banyan::test
