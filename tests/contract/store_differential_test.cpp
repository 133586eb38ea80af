#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <random>

#include "tests/contract/model_store.hpp"
#include "tests/support/each_store.hpp"
#include "tests/support/store_calls.hpp"

namespace banyan::test {
namespace {

/// Of this run; the environment variable BANYAN_SEED repeats another.
std::uint64_t seed() {
  const char* given = std::getenv("BANYAN_SEED");
  return given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

/// Few families and numbers, so that writes meet.
class random_writes {
 public:
  explicit random_writes(std::uint64_t seed) : random_(seed) {}

  const std::vector<family_id>& families() const { return families_; }

  std::vector<detail::write> batch() {
    std::vector<detail::write> writes(below(4) == 0 ? 1 + below(40) : 1 + below(4));
    for (detail::write& w : writes) w = one();
    return writes;
  }

  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(random_);
  }

 private:
  detail::write one() {
    // Drops are rare, else nothing would ever be old.
    constexpr std::array kinds{
        what::spec,      what::spec,        what::result,   what::result,        what::attempt,     what::gauge,
        what::state,     what::header,      what::add_root, what::settle_root,   what::notice,      what::gauge,
        what::drop_root, what::drop_family, what::attempt,  what::expire_family, what::expire_root, what::home};
    detail::write w;
    w.kind = kinds[below(kinds.size())];
    if (w.kind == what::drop_family && below(4) != 0) w.kind = what::result;
    w.family = families_[below(families_.size())];
    w.index = numbers_[below(numbers_.size())];
    w.number = static_cast<std::int64_t>(1 + below(w.kind == what::attempt ? 4 : 1000));
    // Far beyond the end of the test.
    if (w.kind == what::expire_family || w.kind == what::expire_root) w.number += 86'400'000;
    if (below(8) != 0) w.value = bytes(1 + below(below(20) == 0 ? 9000 : 40), static_cast<char>(below(256)));
    return w;
  }

  std::mt19937_64 random_;
  std::vector<family_id> families_{{0, 0}, {1, 2}, {0x018f'0000'0000'0000, 1}, {~0ull, ~0ull}};
  std::vector<std::uint64_t> numbers_{0, 1, 2, 3, 255, 256, 511, (1u << 20) - 1, 1u << 20, 1u << 24, 1ull << 63, ~0ull};
};

class StoreDifferential : public testing::TestWithParam<std::string> {
 protected:
  void open() { store_ = detail::open_store(place_.url(), detail::open_mode::drive, "a test"); }

  /// What outlives its process is looked at again by another session; one in three ends without a word.
  void reopen(random_writes& random) {
    if (GetParam() == "memory") return;
    if (random.below(3) != 0) store_->close();
    store_.reset();
    open();
  }

  void expect_equal(const std::vector<family_id>& families) {
    for (const family_id& family : families) {
      const auto expected = model_.scan(family);
      EXPECT_EQ(scan_all(*store_, family), expected);
      EXPECT_EQ(store_->header(family), model_.header(family));
      for (const detail::record& r : expected) EXPECT_EQ(store_->load({family, r.index}), r);
    }
    EXPECT_EQ(store_->roots(false), model_.roots(false));
    EXPECT_EQ(store_->roots(true), model_.roots(true));
  }

  void expect_equal_notices() {
    auto notices = store_->take_notices();
    std::ranges::sort(notices);
    EXPECT_EQ(notices, model_.take_notices());
  }

  void SetUp() override {
    if (GetParam() == "redis") BANYAN_NEEDS_REDIS();
  }

  store_place place_{GetParam()};
  std::unique_ptr<detail::store> store_;
  model_store model_{GetParam() == "redis"};
};

TEST_P(StoreDifferential, does_what_the_model_does) {
  const std::uint64_t start = seed();
  SCOPED_TRACE("BANYAN_SEED=" + std::to_string(start));
  std::cout << "BANYAN_SEED=" << start << '\n';
  RecordProperty("seed", std::to_string(start));
  random_writes random(start);
  open();
  for (int step = 0; step < 1500 && !HasFailure(); ++step) {
    SCOPED_TRACE("batch " + std::to_string(step));
    const std::vector<detail::write> batch = random.batch();
    const auto outcomes = commit_all(*store_, batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const detail::write_outcome expected = model_.apply(batch[i]);
      EXPECT_EQ(outcomes[i].won, expected.won) << "write " << i;
      EXPECT_EQ(outcomes[i].existing, expected.existing) << "write " << i;
    }
    if (random.below(100) == 0) reopen(random);
    if (random.below(4) == 0) expect_equal_notices();
    expect_equal(random.families());
  }
}

BANYAN_OVER_EACH_STORE(StoreDifferential);

}  // namespace
}  // namespace banyan::test
