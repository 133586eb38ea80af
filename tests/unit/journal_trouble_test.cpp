#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "persistence/journal.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/support/watched_store.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::journal;
using detail::write_outcome;
using testing::ElementsAre;
using testing::HasSubstr;

const family_id family{1, 2};

/// What has to hold for both ways to commit: on a thread of its own, and at once.
class JournalTrouble : public testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<detail::store> memory() const {
    if (GetParam()) return std::make_unique<detail::memory_store>();
    return std::make_unique<slow_memory_store>();
  }

  static auto corrupt_until(gate& mended, gate& tried) {
    return [&](std::uint64_t) {
      if (mended.is_open()) return;
      tried.open();
      throw error(errc::store_corrupt, "a page is damaged");
    };
  }

  std::unique_ptr<detail::store> plan_of(detail::fault_plan plan) const {
    return std::make_unique<detail::fault_store>(memory(), plan);
  }
};

TEST_P(JournalTrouble, a_commit_that_failed_is_done_again_before_anything_later) {
  watched_store store(memory(), [](std::uint64_t number) {
    if (number <= 3) throw error(errc::store_busy, "not now");
  });
  journal j(*store, {});
  std::vector<int> order;
  j.submit(spec_of({family, 1}, "one"), [&](const write_outcome& o) { order.push_back(o.won ? 1 : -1); });
  j.submit(spec_of({family, 2}, "two"), [&](const write_outcome& o) { order.push_back(o.won ? 2 : -2); });
  j.flush();
  EXPECT_THAT(order, ElementsAre(1, 2));
  EXPECT_EQ(store.batches().size(), 5u - (GetParam() ? 0u : store.batches().back() - 1));
}

TEST_P(JournalTrouble, what_is_thrown_besides_our_errors_is_tried_again_too) {
  watched_store store(memory(), [](std::uint64_t number) {
    if (number == 1) throw std::bad_alloc();
  });
  journal j(*store, {});
  EXPECT_TRUE(j.commit({spec_of({family, 1}, "one")}, patience).won);
}

TEST_P(JournalTrouble, who_won_before_the_reply_was_lost_has_won) {
  watched_store store(plan_of({.lie = 1}));
  journal j(*store, {});
  const std::vector<detail::write> group{header_of(family, "h"), spec_of({family, 1}, "s"),
                                         attempt_of({family, 1}, 1, "a"), result_of({family, 1}, "r")};
  EXPECT_TRUE(j.commit(group, patience).won);
  EXPECT_EQ(store.batches().size(), 2u);
  for (const detail::write& w : group) EXPECT_FALSE(j.commit({w}, patience).won);
}

TEST_P(JournalTrouble, who_lost_before_the_reply_was_lost_has_lost) {
  watched_store store(plan_of({.lie = 2}));
  commit_one(*store, result_of({family, 1}, "theirs"));
  journal j(*store, {});
  const write_outcome outcome = j.commit({result_of({family, 1}, "mine")}, patience);
  EXPECT_FALSE(outcome.won);
  EXPECT_EQ(outcome.existing, "theirs");
}

TEST_P(JournalTrouble, of_two_equal_writes_in_one_batch_one_has_won_after_a_lost_reply) {
  watched_store store(plan_of({.lie = 1}));
  journal j(*store, {});
  const write_outcome last = j.commit({result_of({family, 1}, "r"), result_of({family, 1}, "r")}, patience);
  EXPECT_FALSE(last.won);
  EXPECT_EQ(last.existing, "r");
}

TEST_P(JournalTrouble, a_write_after_a_drop_in_one_batch_has_won_after_a_lost_reply) {
  watched_store store(plan_of({.lie = 1}));
  journal j(*store, {});
  EXPECT_TRUE(j.commit({spec_of({family, 1}, "s"), drop_of(family), spec_of({family, 1}, "s")}, patience).won);
}

TEST_P(JournalTrouble, at_a_store_that_often_fails_and_lies_each_write_is_done_and_answered_once) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  watched_store store(plan_of({.fail_rate = 0.2, .lie_rate = 0.2, .seed = seed}));
  constexpr std::uint64_t numbers = 300;
  std::vector<std::atomic<int>> answers(numbers);
  std::vector<std::atomic<int>> winners(numbers);
  journal j(*store, {.max_batch = 8});
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < numbers; ++i) {
        j.submit(result_of({family, i}, "of thread " + std::to_string(t)), [&, i](const write_outcome& o) {
          ++answers[i];
          winners[i] += o.won ? 1 : 0;
        });
      }
    });
  }
  for (std::thread& t : threads) t.join();
  j.flush();
  EXPECT_EQ(scan_all(*store, family).size(), numbers);
  for (std::uint64_t i = 0; i < numbers; ++i) {
    EXPECT_EQ(answers[i], 2) << i;
    EXPECT_EQ(winners[i], 1) << i;
  }
}

TEST_P(JournalTrouble, a_store_error_is_warned_of_once_in_a_while) {
  std::vector<std::string> warnings;
  watched_store store(memory(), [](std::uint64_t number) {
    if (number <= 4) throw error(number % 2 ? errc::store_busy : errc::store_full, "not now");
  });
  journal j(*store, {.warn = [&](const std::string& text) { warnings.push_back(text); }});
  j.commit({spec_of({family, 1}, "one"), spec_of({family, 2}, "two")}, patience);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_THAT(warnings[0], HasSubstr("not now; 2 writes wait"));
}

TEST_P(JournalTrouble, a_lasting_error_is_told_to_who_waits_until_the_store_is_mended) {
  gate mended;
  gate tried;
  watched_store store(memory(), corrupt_until(mended, tried));
  journal j(*store, {});
  gate done;
  std::thread submitter([&] { j.submit(spec_of({family, 1}, "one"), [&](const write_outcome&) { done.open(); }); });
  ASSERT_TRUE(tried.wait());
  EXPECT_EQ(thrown_by([&] { j.commit({spec_of({family, 2}, "two")}, patience); }).code(), errc::store_corrupt);
  EXPECT_EQ(thrown_by([&] { j.flush(); }).code(), errc::store_corrupt);
  ASSERT_TRUE(j.lasting_trouble());
  EXPECT_EQ(j.lasting_trouble()->code, errc::store_corrupt);
  EXPECT_FALSE(done.is_open());
  mended.open();
  EXPECT_TRUE(done.wait());
  submitter.join();
  EXPECT_TRUE(j.commit({spec_of({family, 3}, "three")}, patience).won);
  j.flush();
  EXPECT_FALSE(j.lasting_trouble());
}

TEST_P(JournalTrouble, a_lasting_error_is_told_to_who_waits_for_room) {
  gate mended;
  gate tried;
  watched_store store(memory(), corrupt_until(mended, tried));
  journal j(*store, {.max_in_flight = 1});
  gate done;
  std::thread submitter([&] {
    j.submit(spec_of({family, 1}, "fills it"), [&](const write_outcome&) { done.open(); });
  });
  ASSERT_TRUE(tried.wait());
  EXPECT_EQ(thrown_by([&] { j.commit({spec_of({family, 2}, "two")}, patience); }).code(), errc::store_corrupt);
  mended.open();
  EXPECT_TRUE(done.wait());
  submitter.join();
  EXPECT_TRUE(j.commit({spec_of({family, 3}, "three")}, patience).won);
}

TEST_P(JournalTrouble, commit_gives_up_at_its_deadline) {
  gate mended;
  watched_store store(memory(), [&](std::uint64_t) {
    if (!mended.is_open()) throw error(errc::store_unavailable, "not now");
  });
  journal j(*store, {});
  const error e = thrown_by([&] { j.commit({spec_of({family, 1}, "one")}, std::chrono::milliseconds(20)); });
  EXPECT_EQ(e.code(), errc::store_unavailable);
  EXPECT_THAT(e.what(), HasSubstr("not durable within 20 ms; it may still be done later"));
  mended.open();
  EXPECT_TRUE(j.commit({spec_of({family, 2}, "two")}, patience).won);
}

TEST_P(JournalTrouble, stop_ends_the_tries_and_drops_what_was_not_done) {
  gate tried;
  watched_store store(memory(), [&](std::uint64_t number) {
    if (number > 3) tried.open();
    throw error(errc::store_unavailable, "never");
  });
  journal j(*store, {});
  std::atomic<bool> called{false};
  std::thread submitter([&] { j.submit(spec_of({family, 1}, "one"), [&](const write_outcome&) { called = true; }); });
  ASSERT_TRUE(tried.wait());
  j.stop(std::chrono::milliseconds(5));
  submitter.join();
  EXPECT_FALSE(called);
}

TEST_P(JournalTrouble, after_stop_nothing_is_taken) {
  watched_store store(memory());
  journal j(*store, {});
  j.stop(patience);
  j.stop(patience);
  bool called = false;
  j.submit(spec_of({family, 1}, "one"), [&](const write_outcome&) { called = true; });
  EXPECT_EQ(thrown_by([&] { j.commit({spec_of({family, 2}, "two")}, patience); }).code(), errc::stopped);
  EXPECT_FALSE(called);
  EXPECT_TRUE(store.batches().empty());
}

/// Of a node that has lost its lease.
class fenced_store final : public detail::memory_store {
 public:
  explicit fenced_store(bool at_once) : at_once_(at_once) {}
  bool immediate() const override { return at_once_; }
  bool holds() const override { return false; }

 private:
  const bool at_once_;
};

TEST_P(JournalTrouble, what_a_lost_lease_has_stopped_says_so) {
  fenced_store store(GetParam());
  journal j(store, {});
  j.stop(patience);
  EXPECT_EQ(thrown_by([&] { j.commit({spec_of({family, 1}, "one")}, patience); }).code(), errc::store_fenced);
}

TEST_P(JournalTrouble, without_patience_it_ends_when_the_trouble_has_lasted) {
  std::atomic<int> tries{0};
  watched_store store(memory(), [&](std::uint64_t) {
    ++tries;
    throw error(errc::store_full, "never");
  });
  journal j(*store, {});
  bool called = false;
  std::thread submitter([&] { j.submit(spec_of({family, 1}, "one"), [&](const write_outcome&) { called = true; }); });
  ASSERT_TRUE(wait_until([&] { return tries > 1; }));
  j.lose_patience(std::chrono::milliseconds(20));
  submitter.join();
  EXPECT_EQ(thrown_by([&] { j.commit({spec_of({family, 2}, "two")}, patience); }).code(), errc::stopped);
  const int before = tries;
  j.submit(spec_of({family, 3}, "three"), [&](const write_outcome&) { called = true; });
  EXPECT_EQ(tries, before);
  EXPECT_FALSE(called);
}

TEST_P(JournalTrouble, without_patience_it_goes_on_through_trouble_that_passes) {
  gate tried;
  gate mended;
  watched_store store(memory(), [&](std::uint64_t) {
    tried.open();
    if (!mended.is_open()) throw error(errc::store_full, "not now");
  });
  journal j(*store, {});
  gate done;
  std::thread submitter([&] { j.submit(spec_of({family, 1}, "one"), [&](const write_outcome&) { done.open(); }); });
  ASSERT_TRUE(tried.wait());
  j.lose_patience(patience);
  mended.open();
  EXPECT_TRUE(done.wait());
  submitter.join();
  EXPECT_TRUE(j.commit({spec_of({family, 2}, "two")}, patience).won);
}

INSTANTIATE_TEST_SUITE_P(Over, JournalTrouble, testing::Bool(),
                         [](const auto& i) { return i.param ? "at_once" : "on_its_thread"; });

TEST(JournalStop, commits_what_is_queued_within_its_grace) {
  gate begun;
  gate go_on;
  watched_store store(std::make_unique<slow_memory_store>(), [&](std::uint64_t number) {
    if (number != 1) return;
    begun.open();
    EXPECT_TRUE(go_on.wait());
  });
  journal j(*store, {});
  std::atomic<int> done{0};
  for (std::uint64_t i = 0; i < 10; ++i) j.submit(spec_of({family, i}, "s"), [&](const write_outcome&) { ++done; });
  ASSERT_TRUE(begun.wait());
  std::thread stopper([&] { j.stop(patience); });
  go_on.open();
  stopper.join();
  EXPECT_EQ(done, 10);
}

TEST(JournalStop, wakes_who_waits) {
  gate tried;
  watched_store store(std::make_unique<slow_memory_store>(), [&](std::uint64_t) {
    tried.open();
    throw error(errc::store_unavailable, "never");
  });
  journal j(*store, {.max_in_flight = 1});
  j.submit(spec_of({family, 1}, "one"), {});
  ASSERT_TRUE(tried.wait());
  std::thread submitter([&] { j.submit(spec_of({family, 2}, "two"), {}); });
  std::thread flusher([&] { EXPECT_EQ(thrown_by([&] { j.flush(); }).code(), errc::stopped); });
  std::thread committer([&] {
    EXPECT_EQ(thrown_by([&] { j.commit({spec_of({family, 3}, "three")}, patience); }).code(), errc::stopped);
  });
  j.stop(std::chrono::milliseconds(5));
  submitter.join();
  flusher.join();
  committer.join();
}

TEST(JournalStop, may_be_called_by_several_at_once) {
  watched_store store(std::make_unique<slow_memory_store>());
  journal j(*store, {});
  for (std::uint64_t i = 0; i < 100; ++i) j.submit(spec_of({family, i}, "s"), {});
  std::thread first([&] { j.stop(patience); });
  std::thread second([&] { j.stop(patience); });
  first.join();
  second.join();
  EXPECT_EQ(scan_all(*store, family).size(), 100u);
}

TEST(JournalAtOnce, completes_inside_submit_on_the_same_thread) {
  detail::memory_store store;
  journal j(store, {});
  EXPECT_TRUE(j.immediate());
  std::thread::id thread;
  j.submit(spec_of({family, 1}, "one"), [&](const write_outcome& o) {
    EXPECT_TRUE(o.won);
    thread = std::this_thread::get_id();
  });
  EXPECT_EQ(thread, std::this_thread::get_id());
  EXPECT_EQ(store.load({family, 1})->spec, "one");
}

}  // namespace
}  // namespace banyan::test
