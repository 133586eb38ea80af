#include <thread>

#include <gmock/gmock.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>

#include "actors/caf_glue.hpp"
#include "actors/mailbox.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using detail::envelope;
using testing::ElementsAre;

envelope numbered(std::uint64_t n, std::uint32_t sender = 0) { return {detail::child_settled{n, sender}, {}}; }

const detail::child_settled& content(const envelope& e) { return std::get<detail::child_settled>(e.what); }

std::vector<std::uint64_t> numbers(const std::vector<envelope>& messages) {
  std::vector<std::uint64_t> found;
  for (const envelope& e : messages) found.push_back(content(e).index);
  return found;
}

TEST(Mailbox, drops_what_comes_before_it_is_opened_and_after_it_is_closed) {
  detail::mailbox_link mailbox;
  EXPECT_FALSE(mailbox.post(numbered(1)));
  mailbox.open();
  EXPECT_TRUE(mailbox.post(numbered(2)));
  mailbox.close();
  EXPECT_FALSE(mailbox.post(numbered(3)));
  mailbox.open();
  EXPECT_THAT(mailbox.take(), testing::IsEmpty());
}

TEST(Mailbox, keeps_messages_in_order_until_they_are_taken) {
  detail::mailbox_link mailbox;
  mailbox.open();
  for (std::uint64_t n = 1; n <= 3; ++n) EXPECT_TRUE(mailbox.post(numbered(n)));
  EXPECT_THAT(numbers(mailbox.take()), ElementsAre(1, 2, 3));
  EXPECT_THAT(mailbox.take(), testing::IsEmpty());
  mailbox.post(numbered(4));
  mailbox.open();
  EXPECT_THAT(numbers(mailbox.take()), ElementsAre(4));
}

TEST(Mailbox, ends_what_nobody_took) {
  detail::motion motion;
  {
    detail::mailbox_link mailbox;
    mailbox.open();
    mailbox.post({detail::leave{}, detail::motion::token(motion)});
  }
  motion.wait_idle();
}

constexpr std::uint32_t senders = 3;
constexpr std::uint64_t messages_each = 20'000;

/// Checks that the messages of each sender come in order.
class order {
 public:
  void see(const envelope& e) {
    const auto& [index, sender] = content(e);
    in_order_ = in_order_ && next_[sender]++ == index;
    ++seen_;
  }
  bool complete() const { return seen_ == senders * messages_each; }
  bool in_order() const { return in_order_; }

 private:
  std::array<std::uint64_t, senders> next_{};
  std::atomic<bool> in_order_{true};
  std::atomic<std::uint64_t> seen_{0};
};

class watching_actor final : public ::caf::event_based_actor {
 public:
  watching_actor(::caf::actor_config& cfg, order& seen) : ::caf::event_based_actor(cfg), seen_(seen) {}
  ::caf::behavior make_behavior() override {
    return {[this](envelope& e) { seen_.see(e); }};
  }

 private:
  order& seen_;
};

TEST(Mailbox, hands_over_to_an_actor_between_any_two_messages) {
  ::caf::actor_system_config config;
  ::caf::actor_system system{config};
  order seen;
  detail::mailbox_link mailbox;
  mailbox.open();
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t sender = 0; sender < senders; ++sender) {
      threads.emplace_back([&, sender] {
        for (std::uint64_t n = 0; n < messages_each; ++n) EXPECT_TRUE(mailbox.post(numbered(n, sender)));
      });
    }
    for (const envelope& e : mailbox.take()) seen.see(e);
    const auto actor = system.spawn<watching_actor>(seen);
    mailbox.attach(::caf::actor_cast<::caf::actor_control_block*>(actor));
    while (!mailbox.seal()) {
      for (const envelope& e : mailbox.take()) seen.see(e);
    }
    EXPECT_TRUE(wait_until([&] { return seen.complete(); }));
  }
  EXPECT_TRUE(seen.in_order());
}

}  // namespace
}  // namespace banyan::test
