#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/each_store.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;

class StoreValues : public EachStore {
 protected:
  std::optional<bytes> set(const bytes& expected, const bytes& wanted, std::chrono::milliseconds kept = 1min) {
    return store_.compare_and_set("a {name}: with\nanything", expected, wanted, kept);
  }
};

TEST_P(StoreValues, is_set_by_who_knows_what_it_was) {
  EXPECT_EQ(set("", "one"), std::nullopt);
  EXPECT_EQ(set("", "two"), "one");
  EXPECT_EQ(set("zero", "two"), "one");
  EXPECT_EQ(set("one", "two"), std::nullopt);
  EXPECT_EQ(set("", ""), "two") << "a look";
}

TEST_P(StoreValues, is_set_again_by_who_did_not_hear_that_it_was) {
  EXPECT_EQ(set("", "one"), std::nullopt);
  EXPECT_EQ(set("", "one"), std::nullopt);
  EXPECT_EQ(set("one", "one"), std::nullopt);
}

TEST_P(StoreValues, holds_any_bytes) {
  const bytes odd("\0\xff\r\n'\"", 6);
  EXPECT_EQ(set("", odd), std::nullopt);
  EXPECT_EQ(set("", ""), odd);
  EXPECT_EQ(set(odd, "x"), std::nullopt);
}

TEST_P(StoreValues, can_be_taken_away) {
  set("", "one");
  EXPECT_EQ(set("one", ""), std::nullopt);
  EXPECT_EQ(set("", ""), std::nullopt);
}

TEST_P(StoreValues, has_nothing_to_do_with_others) {
  set("", "one");
  EXPECT_EQ(store_.compare_and_set("another", "", "two", 1min), std::nullopt);
  EXPECT_EQ(set("", ""), "one");
}

TEST_P(StoreValues, is_forgotten_after_its_time) {
  set("", "one", 1ms);
  EXPECT_TRUE(wait_until([&] { return set("", "") == std::nullopt; }));
  EXPECT_EQ(set("", "two"), std::nullopt);
}

TEST_P(StoreValues, is_changed_by_one_after_the_other) {
  // Each adds a letter of its own.
  const auto add = [&](char letter) {
    bytes seen;
    for (int i = 0; i < 100; ++i) {
      while (const auto other = set(seen, seen + letter)) seen = *other;
      seen += letter;
    }
  };
  std::thread a(add, 'a');
  std::thread b(add, 'b');
  a.join();
  b.join();
  const bytes all = set("", "").value_or("");
  EXPECT_EQ(std::count(all.begin(), all.end(), 'a'), 100);
  EXPECT_EQ(all.size(), 200u);
}

TEST_P(StoreValues, outlives_the_session) {
  if (GetParam() == "memory") GTEST_SKIP() << "a store that outlives the process";
  set("", "one");
  store_.close();
  EXPECT_EQ(open()->compare_and_set("a {name}: with\nanything", "", "", 1min), "one");
}

BANYAN_OVER_EACH_STORE(StoreValues);

}  // namespace
}  // namespace banyan::test
