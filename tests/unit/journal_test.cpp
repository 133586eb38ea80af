#include "persistence/journal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/support/store_calls.hpp"
#include "tests/support/watched_store.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::journal;
using detail::write_outcome;
using testing::ElementsAre;

const family_id family{1, 2};

std::vector<detail::write> group_of(std::uint64_t first, std::uint64_t size) {
  std::vector<detail::write> writes;
  for (std::uint64_t i = first; i < first + size; ++i) writes.push_back(spec_of({family, i}, "spec"));
  return writes;
}

/// A store whose first commit waits until the gate is opened, so that what follows gathers.
struct held_store {
  gate begun;
  gate go_on;
  watched_store store;

  held_store()
      : store(std::make_unique<slow_memory_store>(), [this](std::uint64_t number) {
          if (number != 1) return;
          begun.open();
          EXPECT_TRUE(go_on.wait());
        }) {}
};

TEST(Journal, calls_completions_in_the_order_of_submission_once_the_write_is_durable) {
  watched_store store(std::make_unique<slow_memory_store>());
  std::vector<std::uint64_t> order;
  {
    journal j(*store, {});
    EXPECT_FALSE(j.immediate());
    for (std::uint64_t i = 0; i < 100; ++i) {
      j.submit(spec_of({family, i}, "spec"), [&, i](const write_outcome& outcome) {
        EXPECT_TRUE(outcome.won);
        EXPECT_TRUE(store->load({family, i}));
        order.push_back(i);
      });
    }
    j.flush();
  }
  ASSERT_EQ(order.size(), 100u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST(Journal, tells_the_outcome_of_a_groups_last_write) {
  watched_store store(std::make_unique<slow_memory_store>());
  commit_one(*store, result_of({family, 1}, "theirs"));
  journal j(*store, {});
  std::vector<write_outcome> told;
  const auto tell = [&](const write_outcome& outcome) { told.push_back(outcome); };
  j.submit({result_of({family, 1}, "mine"), result_of({family, 2}, "mine")}, tell);
  j.submit({result_of({family, 3}, "mine"), result_of({family, 1}, "mine")}, tell);
  j.flush();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(told[0].won);
  EXPECT_FALSE(told[1].won);
  EXPECT_EQ(told[1].existing, "theirs");
}

TEST(Journal, gathers_while_a_batch_is_in_flight) {
  held_store held;
  journal j(*held.store, {});
  j.submit(spec_of({family, 0}, "spec"), {});
  ASSERT_TRUE(held.begun.wait());
  for (std::uint64_t i = 1; i <= 10; ++i) j.submit(spec_of({family, i}, "spec"), {});
  held.go_on.open();
  j.flush();
  EXPECT_THAT(held.store.batches(), ElementsAre(1, 10));
}

TEST(Journal, makes_no_batch_larger_than_it_may_be) {
  held_store held;
  journal j(*held.store, {.max_batch = 4});
  j.submit(spec_of({family, 0}, "spec"), {});
  ASSERT_TRUE(held.begun.wait());
  for (std::uint64_t i = 1; i <= 10; ++i) j.submit(spec_of({family, i}, "spec"), {});
  held.go_on.open();
  j.flush();
  EXPECT_THAT(held.store.batches(), ElementsAre(1, 4, 4, 2));
}

TEST(Journal, never_splits_a_group) {
  held_store held;
  journal j(*held.store, {.max_batch = 4});
  j.submit(spec_of({family, 0}, "spec"), {});
  ASSERT_TRUE(held.begun.wait());
  j.submit(group_of(10, 3), {});
  j.submit(group_of(20, 2), {});
  j.submit(group_of(30, 2), {});
  j.submit(group_of(40, 9), {});
  j.submit(group_of(50, 1), {});
  held.go_on.open();
  j.flush();
  EXPECT_THAT(held.store.batches(), ElementsAre(1, 3, 4, 9, 1));
}

TEST(Journal, completes_an_empty_group_in_its_turn) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {});
  bool done = false;
  j.submit(group_of(0, 2), {});
  j.submit(std::vector<detail::write>{}, [&](const write_outcome& outcome) {
    done = outcome.won && store->load({family, 1}).has_value();
  });
  j.flush();
  EXPECT_TRUE(done);
}

TEST(Journal, refuses_at_once_what_a_store_would_refuse) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {});
  EXPECT_EQ(thrown_by([&] { j.submit(attempt_of({family, 1}, 0, "a"), {}); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([&] { j.submit({attempt_of({family, 1}, 0, "a")}, {}); }).code(), errc::invalid_argument);
  EXPECT_EQ(thrown_by([&] { j.commit({attempt_of({family, 1}, 0, "a")}, patience); }).code(), errc::invalid_argument);
  j.flush();
  EXPECT_TRUE(store.batches().empty());
}

TEST(Journal, makes_submitters_wait_while_too_much_is_in_flight) {
  constexpr std::int64_t size = 1000;
  constexpr std::int64_t bound = 10 * size;
  // Below zero for a moment where a completion is faster than its submitter.
  std::atomic<std::int64_t> outstanding{0};
  std::atomic<std::int64_t> most{0};
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {.max_in_flight = bound});
  std::vector<std::thread> submitters;
  for (std::uint64_t t = 0; t < 3; ++t) {
    submitters.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 300; ++i) {
        j.submit(gauge_of({{3, t}, i}, bytes(size, 'g')), [&](const write_outcome&) { outstanding -= size; });
        const std::int64_t now = outstanding += size;
        for (std::int64_t seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
      }
    });
  }
  for (std::thread& t : submitters) t.join();
  j.flush();
  EXPECT_EQ(outstanding, 0);
  EXPECT_LE(most, bound + size);
}

TEST(Journal, lets_a_submitter_go_on_when_there_is_room_again) {
  held_store held;
  journal j(*held.store, {.max_in_flight = 100});
  j.submit(gauge_of({family, 0}, bytes(200, 'g')), {});
  ASSERT_TRUE(held.begun.wait());
  gate second;
  std::thread submitter([&] {
    j.submit(gauge_of({family, 1}, "g"), {});
    EXPECT_TRUE(held.go_on.is_open());
    second.open();
  });
  EXPECT_FALSE(second.is_open());
  held.go_on.open();
  EXPECT_TRUE(second.wait());
  submitter.join();
  j.flush();
}

/// As a store whose server carries out the writes: completions have time until they are on their way.
class overlapping_store final : public detail::memory_store {
 public:
  bool immediate() const override { return false; }
  void commit_meanwhile(std::span<const detail::write> writes, std::span<write_outcome> outcomes,
                        const std::function<void()>& meanwhile) override {
    if (++begun_ == 1 && !go_on.wait()) ADD_FAILURE() << "nobody opened the gate";
    meanwhile();
    commit(writes, outcomes);
  }
  int begun() const { return begun_; }
  gate go_on;

 private:
  std::atomic<int> begun_{0};
};

TEST(Journal, says_that_a_batch_is_durable_when_the_next_one_is_on_its_way) {
  overlapping_store store;
  journal j(store, {.max_batch = 1});
  std::vector<int> begun;
  const auto note = [&](const write_outcome&) { begun.push_back(store.begun()); };
  for (std::uint64_t i = 0; i < 3; ++i) j.submit(gauge_of({family, i}, "g"), note);
  store.go_on.open();
  j.flush();
  EXPECT_THAT(begun, ElementsAre(2, 3, 3));
}

TEST(Journal, takes_an_offer_only_where_there_is_room) {
  held_store held;
  journal j(*held.store, {.max_in_flight = 100});
  EXPECT_TRUE(j.offer(gauge_of({family, 0}, bytes(200, 'g'))));
  ASSERT_TRUE(held.begun.wait());
  EXPECT_FALSE(j.offer(gauge_of({family, 1}, "g")));
  held.go_on.open();
  j.flush();
  EXPECT_TRUE(j.offer(gauge_of({family, 2}, "g")));
  j.flush();
  EXPECT_FALSE(held.store->load({family, 1}));
  EXPECT_TRUE(held.store->load({family, 2}));
}

TEST(Journal, a_completion_may_submit_more_than_there_is_room_for) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {.max_in_flight = 100});
  gate all;
  std::atomic<int> done{0};
  j.submit(gauge_of({family, 0}, "g"), [&](const write_outcome&) {
    for (std::uint64_t i = 1; i <= 20; ++i) {
      j.submit(gauge_of({family, i}, bytes(90, 'g')), [&](const write_outcome&) {
        if (++done == 20) all.open();
      });
    }
  });
  EXPECT_TRUE(all.wait());
}

TEST(Journal, a_completion_cannot_wait_for_its_own_journal) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {});
  std::vector<errc> codes;
  j.submit(gauge_of({family, 0}, "g"), [&](const write_outcome&) {
    codes.push_back(thrown_by([&] { j.flush(); }).code());
    codes.push_back(thrown_by([&] { j.commit(group_of(1, 1), patience); }).code());
    codes.push_back(thrown_by([&] { j.stop(patience); }).code());
  });
  j.flush();
  EXPECT_THAT(codes, ElementsAre(errc::would_block, errc::would_block, errc::would_block));
}

TEST(Journal, commit_waits_for_the_outcome) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {});
  EXPECT_TRUE(j.commit({result_of({family, 1}, "first")}, patience).won);
  EXPECT_EQ(j.commit({result_of({family, 1}, "second")}, patience).existing, "first");
  EXPECT_TRUE(j.commit({}, patience).won);
}

TEST(Journal, flush_returns_after_the_completions_of_what_was_submitted_before) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {});
  j.flush();
  std::atomic<int> done{0};
  for (std::uint64_t i = 1; i <= 50; ++i) {
    j.submit(gauge_of({family, i}, "g"), [&](const write_outcome&) { ++done; });
    if (i % 10 == 0) {
      j.flush();
      EXPECT_EQ(done, static_cast<int>(i));
    }
  }
}

}  // namespace
}  // namespace banyan::test
