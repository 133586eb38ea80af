#include <algorithm>
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

/// Other nodes that take all that is sent to them, and to which nothing is given.
class silent_nodes final : public neighbours {
 public:
  incarnation_id self() const override { return here; }
  incarnation_id choose(const placement&, const call_needs&) override { return here; }
  bool may_run(incarnation_id, const placement&, const call_needs&) override { return false; }
  bool give_root(const family_id&, incarnation_id) override { return false; }
  bool exists(incarnation_id node) const override {
    const std::lock_guard lock(mutex_);
    return gone_ != node;
  }
  bool find_out(incarnation_id node) override { return exists(node); }
  bool is_connected(incarnation_id) const override { return true; }
  void send(incarnation_id to, const frame& f) override {
    const std::lock_guard lock(mutex_);
    sent_.emplace_back(to, f);
  }
  std::vector<incarnation_id> living() const override { return {}; }
  void root_given(const family_id&) override {}

  void lose(incarnation_id node) {
    const std::lock_guard lock(mutex_);
    gone_ = node;
  }
  template <class Frame>
  bool heard(incarnation_id node, const key& k) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(sent_, [&](const auto& s) {
      const Frame* const f = std::get_if<Frame>(&s.second);
      return s.first == node && f && f->child == k;
    });
  }

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

task<int> awaits_a_worker(context& ctx) { co_return co_await ctx.spawn(works_for_a_parent); }
BANYAN_FUNCTION(awaits_a_worker)

/// A node of its own, to which a test says what others may say.
class Exchange : public testing::Test, protected restartable {
 protected:
  Exchange() : restartable("memory") {}

  void SetUp() override {
    opened.emplace();
    begun = 0;
    rt().engine()->join(others_);
  }
  void TearDown() override {
    opened->open();
    stop();
  }

  static place_frame order(const key& parent, std::uint64_t index) {
    place_frame f;
    f.child = {child_family(parent, 1), index};
    f.parent = parent;
    f.root = parent.family;
    f.spec = encode_call({"works_for_a_parent", 1}, encode_arguments(), 1, 0, nullptr, nullptr);
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
  EXPECT_TRUE(wait_until([&] { return others_.heard<absent_frame>(first_host, child_); }));
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
      EXPECT_TRUE(wait_until([&] { return others_.heard<done_frame>(host, order(root_, index).child); }));
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

}  // namespace
}  // namespace banyan::test
