#include "persistence/memory_store.hpp"

#include <malloc.h>

#include <gtest/gtest.h>

#include <thread>

#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

using detail::memory_store;

TEST(MemoryStore, commits_on_any_thread_at_once) {
  memory_store store;
  ASSERT_TRUE(store.immediate());
  constexpr std::uint64_t numbers = 2000;
  const family_id shared{1, 1};
  std::vector<std::thread> threads;
  std::atomic<std::uint64_t> won{0};
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < numbers; ++i) {
        won += commit_one(store, spec_of({shared, i}, "shared")).won ? 1 : 0;
        commit_one(store, spec_of({{2, t}, i}, "own"));
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(won, numbers);
  EXPECT_EQ(scan_all(store, shared).size(), numbers);
  for (std::uint64_t t = 0; t < 3; ++t) EXPECT_EQ(scan_all(store, {2, t}).size(), numbers);
}

TEST(MemoryStore, is_never_driven_by_others_and_starts_empty) {
  memory_store store;
  EXPECT_FALSE(store.has_driver());
  EXPECT_EQ(store.marks(), nullptr);
  EXPECT_TRUE(store.roots(false).empty());
  EXPECT_EQ(store.describe(), "memory:");
  store.close();
}

TEST(MemoryStore, a_scan_lets_others_write_meanwhile) {
  memory_store store;
  const family_id family{1, 1};
  for (std::uint64_t i = 0; i < 1000; ++i) commit_one(store, spec_of({family, i}, "spec"));
  std::size_t seen = 0;
  store.scan(family, [&](detail::record&&) {
    if (seen++ == 0) {
      std::thread([&] { commit_one(store, spec_of({family, 1000}, "meanwhile")); }).join();
    }
  });
  EXPECT_EQ(seen, 1001u);
}

std::size_t heap_in_use() { return mallinfo2().uordblks; }

/// Sanitizers have a heap of their own.
bool heap_can_be_measured() {
  const std::size_t before = heap_in_use();
  const std::vector<char> some(100'000);
  return heap_in_use() >= before + some.size();
}

TEST(MemoryStore, a_finished_leaf_takes_less_than_200_bytes) {
  if (!heap_can_be_measured()) GTEST_SKIP();
  memory_store store;
  const family_id family{1, 1};
  constexpr std::uint64_t leaves = 100'000;
  const std::size_t before = heap_in_use();
  for (std::uint64_t i = 0; i < leaves; ++i) {
    commit_all(store, {spec_of({family, i}, bytes(30, 's')), result_of({family, i}, bytes(52, 'r'))});
  }
  EXPECT_LT((heap_in_use() - before) / leaves, 200u);
}

TEST(MemoryStore, a_far_number_costs_little) {
  if (!heap_can_be_measured()) GTEST_SKIP();
  memory_store store;
  const std::size_t before = heap_in_use();
  for (int bit = 0; bit < 64; ++bit) commit_one(store, spec_of({{1, 1}, std::uint64_t{1} << bit}, "spec"));
  EXPECT_EQ(scan_all(store, {1, 1}).size(), 64u);
  EXPECT_LT(heap_in_use() - before, 4u << 20);
}

}  // namespace
}  // namespace banyan::test
