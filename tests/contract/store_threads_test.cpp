#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "persistence/journal.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

class StoreThreads : public EachStore {
 protected:
  const family_id family_{1, 2};
};

TEST_P(StoreThreads, a_read_sees_every_commit_that_returned_before_it_began) {
  constexpr std::uint64_t count = 1000;
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> missed{0};
  const auto read = [&] {
    for (std::uint64_t seen = 0; seen < count;) {
      // Acquire, with the release below: the commit happened before the read.
      seen = done.load(std::memory_order_acquire);
      if (seen > 0 && !store_.load({family_, seen - 1})) ++missed;
      if (seen > 0 && scan_all(store_, family_).size() < seen) ++missed;
    }
  };
  std::thread first(read);
  std::thread second(read);
  for (std::uint64_t i = 0; i < count; ++i) {
    commit_one(store_, spec_of({family_, i}, "spec"));
    done.store(i + 1, std::memory_order_release);
  }
  first.join();
  second.join();
  EXPECT_EQ(missed, 0u);
}

TEST_P(StoreThreads, of_many_who_write_one_result_through_a_journal_one_wins_and_all_hear_whose_it_is) {
  constexpr std::uint64_t numbers = 200;
  constexpr int writers = 4;
  std::vector<std::atomic<int>> winners(numbers);
  std::vector<std::atomic<int>> answers(numbers);
  std::vector<std::atomic<int>> strangers(numbers);
  detail::journal journal(store_, {});
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] {
      for (std::uint64_t i = 0; i < numbers; ++i) {
        const bytes mine = "writer " + std::to_string(writer);
        journal.submit(result_of({family_, i}, mine), [&, i, mine](const detail::write_outcome& outcome) {
          ++answers[i];
          if (outcome.won) ++winners[i];
          if (!outcome.won && outcome.existing == mine) ++strangers[i];
        });
      }
    });
  }
  for (std::thread& t : threads) t.join();
  journal.flush();
  for (std::uint64_t i = 0; i < numbers; ++i) {
    EXPECT_EQ(winners[i], 1);
    EXPECT_EQ(answers[i], writers);
    EXPECT_EQ(strangers[i], 0);
  }
}

TEST_P(StoreThreads, notices_left_while_they_are_taken_are_all_taken_once) {
  constexpr std::uint64_t count = 500;
  auto writer = std::async(std::launch::async, [&] {
    for (std::uint64_t i = 0; i < count; ++i) commit_one(store_, notice_of({family_, i}));
  });
  std::vector<int> taken(count);
  bool over = false;
  while (!over) {
    over = writer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    for (const key& k : store_.take_notices()) ++taken.at(k.index);
  }
  writer.get();
  EXPECT_EQ(taken, std::vector<int>(count, 1));
}

BANYAN_OVER_EACH_STORE(StoreThreads);

}  // namespace
}  // namespace banyan::test
