#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "tests/support/each_store.hpp"
#include "tests/support/store_calls.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::record;
using testing::ElementsAre;

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

class StoreContract : public EachStore {
 protected:
  const family_id family_{0x018f'0000'0000'0001, 7};
  const family_id other_{0x018f'0000'0000'0001, 8};
  const key key_{family_, 3};

  std::vector<std::uint64_t> indices(const family_id& family) {
    std::vector<std::uint64_t> all;
    for (const record& r : scan_all(store_, family)) all.push_back(r.index);
    return all;
  }
};

TEST_P(StoreContract, what_was_never_written_is_not_there) {
  EXPECT_EQ(store_.load(key_), std::nullopt);
  EXPECT_TRUE(scan_all(store_, family_).empty());
  EXPECT_EQ(store_.header(family_), "");
  commit_one(store_, spec_of(key_, "spec"));
  EXPECT_EQ(store_.load({family_, 2}), std::nullopt);
  EXPECT_EQ(store_.load({family_, highest}), std::nullopt);
  EXPECT_EQ(store_.load({other_, 3}), std::nullopt);
}

TEST_P(StoreContract, a_record_holds_what_its_registers_were_given) {
  commit_all(store_, {spec_of(key_, "spec"), gauge_of(key_, "gauge"), state_of(key_, "state"),
                      attempt_of(key_, 1, "first"), attempt_of(key_, 2, "second"), result_of(key_, "result")});
  const record expected{3, "spec", "result", "gauge", "state", {"first", "second"}};
  EXPECT_EQ(store_.load(key_), expected);
  EXPECT_THAT(scan_all(store_, family_), ElementsAre(expected));
}

TEST_P(StoreContract, a_spec_is_written_once) {
  EXPECT_TRUE(commit_one(store_, spec_of(key_, "first")).won);
  for (const char* again : {"first", "second"}) {
    const auto outcome = commit_one(store_, spec_of(key_, again));
    EXPECT_FALSE(outcome.won);
    EXPECT_EQ(outcome.existing, "first");
  }
  EXPECT_EQ(store_.load(key_)->spec, "first");
}

TEST_P(StoreContract, a_result_is_written_once) {
  EXPECT_TRUE(commit_one(store_, result_of(key_, "first")).won);
  for (const char* again : {"first", "second"}) {
    const auto outcome = commit_one(store_, result_of(key_, again));
    EXPECT_FALSE(outcome.won);
    EXPECT_EQ(outcome.existing, "first");
  }
  EXPECT_EQ(store_.load(key_)->result, "first");
}

TEST_P(StoreContract, an_attempt_is_written_once_a_number) {
  EXPECT_TRUE(commit_one(store_, attempt_of(key_, 1, "first")).won);
  EXPECT_TRUE(commit_one(store_, attempt_of(key_, 2, "second")).won);
  const auto outcome = commit_one(store_, attempt_of(key_, 1, "other"));
  EXPECT_FALSE(outcome.won);
  EXPECT_EQ(outcome.existing, "first");
  EXPECT_THAT(store_.load(key_)->attempts, ElementsAre("first", "second"));
}

TEST_P(StoreContract, an_attempt_may_be_missing_among_others) {
  commit_one(store_, attempt_of(key_, 3, "third"));
  EXPECT_THAT(store_.load(key_)->attempts, ElementsAre("", "", "third"));
  commit_all(store_, {attempt_of(key_, 1, "first"), attempt_of({family_, 4}, 1, "of another")});
  EXPECT_THAT(store_.load(key_)->attempts, ElementsAre("first", "", "third"));
  EXPECT_THAT(scan_all(store_, family_), ElementsAre(record{3, "", "", "", "", {"first", "", "third"}},
                                                     record{4, "", "", "", "", {"of another"}}));
}

TEST_P(StoreContract, a_header_is_written_once_and_is_no_record) {
  EXPECT_TRUE(commit_one(store_, header_of(family_, "first")).won);
  const auto outcome = commit_one(store_, header_of(family_, "second"));
  EXPECT_FALSE(outcome.won);
  EXPECT_EQ(outcome.existing, "first");
  EXPECT_EQ(store_.header(family_), "first");
  EXPECT_TRUE(scan_all(store_, family_).empty());
}

TEST_P(StoreContract, a_header_may_come_after_records) {
  commit_one(store_, spec_of(key_, "spec"));
  EXPECT_EQ(store_.header(family_), "");
  EXPECT_TRUE(commit_one(store_, header_of(family_, "header")).won);
  EXPECT_EQ(store_.header(family_), "header");
  EXPECT_EQ(store_.load(key_)->spec, "spec");
}

TEST_P(StoreContract, gauge_and_state_are_overwritten) {
  EXPECT_TRUE(commit_all(store_, {gauge_of(key_, "g1"), state_of(key_, "s1")})[1].won);
  EXPECT_TRUE(commit_all(store_, {gauge_of(key_, "g2"), state_of(key_, "s2")})[0].won);
  EXPECT_EQ(store_.load(key_), (record{3, "", "", "g2", "s2", {}}));
}

TEST_P(StoreContract, of_two_writes_in_one_batch_the_first_counts_where_a_register_is_written_once) {
  const auto outcomes = commit_all(store_, {spec_of(key_, "s1"), result_of(key_, "r1"), spec_of(key_, "s2"),
                                            result_of(key_, "r2"), header_of(family_, "h1"), header_of(family_, "h2"),
                                            attempt_of(key_, 1, "a1"), attempt_of(key_, 1, "a2")});
  for (const std::size_t first : {0, 1, 4, 6}) EXPECT_TRUE(outcomes[first].won) << first;
  for (const std::size_t later : {2, 3, 5, 7}) EXPECT_FALSE(outcomes[later].won) << later;
  EXPECT_EQ(outcomes[2].existing, "s1");
  EXPECT_EQ(outcomes[3].existing, "r1");
  EXPECT_EQ(outcomes[5].existing, "h1");
  EXPECT_EQ(outcomes[7].existing, "a1");
  EXPECT_EQ(store_.load(key_), (record{3, "s1", "r1", "", "", {"a1"}}));
}

TEST_P(StoreContract, all_writes_of_one_batch_to_a_register_that_is_taken_hear_what_is_there) {
  commit_one(store_, result_of(key_, "r0"));
  const auto outcomes = commit_all(store_, {result_of(key_, "r1"), gauge_of(key_, "g"), result_of(key_, "r2")});
  for (const std::size_t at : {0, 2}) {
    EXPECT_FALSE(outcomes[at].won);
    EXPECT_EQ(outcomes[at].existing, "r0");
  }
  EXPECT_EQ(store_.load(key_), (record{3, "", "r0", "g", "", {}}));
}

TEST_P(StoreContract, of_two_writes_in_one_batch_the_last_counts_where_a_register_is_overwritten) {
  commit_all(store_, {gauge_of(key_, "g1"), state_of(key_, "s1"), gauge_of(key_, "g2"), state_of(key_, "s2")});
  EXPECT_EQ(store_.load(key_), (record{3, "", "", "g2", "s2", {}}));
}

TEST_P(StoreContract, registers_come_in_any_order_and_one_by_one) {
  commit_one(store_, result_of(key_, "result"));
  commit_one(store_, gauge_of(key_, "gauge"));
  EXPECT_TRUE(commit_one(store_, spec_of(key_, "spec")).won);
  EXPECT_EQ(store_.load(key_), (record{3, "spec", "result", "gauge", "", {}}));
}

TEST_P(StoreContract, a_batch_may_win_one_register_of_a_number_and_lose_another) {
  commit_one(store_, spec_of(key_, "spec"));
  const auto outcomes =
      commit_all(store_, {spec_of(key_, "other"), result_of(key_, "result"), state_of(key_, "state")});
  EXPECT_FALSE(outcomes[0].won);
  EXPECT_TRUE(outcomes[1].won);
  EXPECT_EQ(store_.load(key_), (record{3, "spec", "result", "", "state", {}}));
}

TEST_P(StoreContract, an_empty_value_is_no_value) {
  const std::vector<detail::write> nothing{spec_of(key_, ""),  result_of(key_, ""), attempt_of(key_, 1, ""),
                                           gauge_of(key_, ""), state_of(key_, ""),  header_of(family_, "")};
  for (const auto& outcome : commit_all(store_, nothing)) EXPECT_TRUE(outcome.won);
  EXPECT_EQ(store_.load(key_), std::nullopt);
  EXPECT_TRUE(scan_all(store_, family_).empty());
  commit_all(store_, {spec_of(key_, "s"), result_of(key_, "r"), attempt_of(key_, 1, "a"), gauge_of(key_, "g"),
                      state_of(key_, "t"), header_of(family_, "h")});
  const auto outcomes = commit_all(store_, nothing);
  EXPECT_EQ(outcomes[0].existing, "s");
  EXPECT_EQ(outcomes[1].existing, "r");
  EXPECT_EQ(outcomes[2].existing, "a");
  EXPECT_EQ(outcomes[5].existing, "h");
  EXPECT_EQ(store_.load(key_), (record{3, "s", "r", "", "", {"a"}}));
}

TEST_P(StoreContract, a_number_whose_registers_were_emptied_is_gone) {
  commit_all(store_, {gauge_of(key_, "g"), state_of(key_, "s")});
  commit_all(store_, {gauge_of(key_, ""), state_of(key_, "")});
  EXPECT_EQ(store_.load(key_), std::nullopt);
  EXPECT_TRUE(scan_all(store_, family_).empty());
}

TEST_P(StoreContract, values_may_hold_any_bytes_and_be_large) {
  bytes value(3'000'000, '\0');
  for (std::size_t i = 0; i < value.size(); i += 7) value[i] = static_cast<char>(i);
  commit_all(store_, {spec_of(key_, value), state_of(key_, std::string("\0\xff", 2))});
  EXPECT_EQ(store_.load(key_)->spec, value);
  EXPECT_EQ(store_.load(key_)->state, std::string("\0\xff", 2));
  EXPECT_EQ(commit_one(store_, spec_of(key_, "other")).existing, value);
}

TEST_P(StoreContract, a_scan_goes_by_rising_number_over_the_whole_range) {
  const std::vector<std::uint64_t> numbers{0,        1,          255,        256,         1u << 20, (1u << 20) + 1,
                                           1u << 25, 1ull << 40, 1ull << 63, highest - 1, highest};
  for (auto n = numbers.rbegin(); n != numbers.rend(); ++n) {
    commit_all(store_, {spec_of({family_, *n}, "spec " + std::to_string(*n)), attempt_of({family_, *n}, 1, "a")});
  }
  commit_one(store_, spec_of({other_, 2}, "of another family"));
  EXPECT_EQ(indices(family_), numbers);
  for (const std::uint64_t n : numbers) {
    EXPECT_EQ(store_.load({family_, n}), (record{n, "spec " + std::to_string(n), "", "", "", {"a"}}));
  }
}

TEST_P(StoreContract, what_a_visitor_throws_comes_out_of_the_scan) {
  commit_all(store_, {spec_of({family_, 0}, "a"), spec_of({family_, 1}, "b")});
  EXPECT_THROW(store_.scan(family_, [](record&&) { throw std::runtime_error("enough"); }), std::runtime_error);
  EXPECT_EQ(indices(family_).size(), 2u);
}

TEST_P(StoreContract, dropping_a_family_forgets_it_and_no_other) {
  commit_all(store_, {header_of(family_, "h"), spec_of(key_, "s"), attempt_of(key_, 1, "a"),
                      spec_of({family_, 1ull << 50}, "far"), spec_of({other_, 3}, "kept"), header_of(other_, "kept")});
  EXPECT_TRUE(commit_one(store_, drop_of(family_)).won);
  EXPECT_EQ(store_.load(key_), std::nullopt);
  EXPECT_EQ(store_.header(family_), "");
  EXPECT_TRUE(indices(family_).empty());
  EXPECT_EQ(store_.load({other_, 3})->spec, "kept");
  EXPECT_EQ(store_.header(other_), "kept");
  commit_one(store_, drop_of(family_));
}

TEST_P(StoreContract, a_dropped_family_can_be_written_anew) {
  commit_all(store_,
             {header_of(family_, "old"), spec_of(key_, "old"), attempt_of(key_, 1, "old"), state_of(key_, "old")});
  commit_one(store_, drop_of(family_));
  EXPECT_TRUE(commit_one(store_, spec_of(key_, "new")).won);
  EXPECT_EQ(store_.load(key_), (record{3, "new", "", "", "", {}}));
  EXPECT_EQ(store_.header(family_), "");
}

TEST_P(StoreContract, writes_before_a_drop_in_one_batch_are_forgotten_and_later_ones_stay) {
  const auto outcomes = commit_all(
      store_, {spec_of(key_, "before"), attempt_of(key_, 1, "before"), header_of(family_, "before"), drop_of(family_),
               spec_of(key_, "after"), spec_of(key_, "late"), header_of(family_, "after")});
  EXPECT_TRUE(outcomes[4].won);
  EXPECT_EQ(outcomes[5].existing, "after");
  EXPECT_EQ(store_.load(key_), (record{3, "after", "", "", "", {}}));
  EXPECT_EQ(store_.header(family_), "after");
}

TEST_P(StoreContract, a_large_family_is_forgotten_at_once) {
  constexpr std::uint64_t size = 10'000;
  std::vector<detail::write> writes;
  for (std::uint64_t i = 0; i < size; ++i) writes.push_back(spec_of({family_, i}, "spec"));
  commit_all(store_, writes);
  EXPECT_EQ(indices(family_).size(), size);
  commit_one(store_, drop_of(family_));
  EXPECT_TRUE(indices(family_).empty());
  commit_one(store_, spec_of({family_, size / 2}, "new"));
  for (int i = 0; i < 10; ++i) commit_one(store_, gauge_of({other_, 0}, "some other work"));
  EXPECT_THAT(indices(family_), ElementsAre(size / 2));
}

TEST_P(StoreContract, an_empty_batch_is_fine) { EXPECT_TRUE(commit_all(store_, {}).empty()); }

TEST_P(StoreContract, a_write_that_no_store_takes_is_refused_before_anything_is_done) {
  for (const std::int64_t number : {std::int64_t{0}, std::int64_t{-1}, detail::max_attempt_number + 1}) {
    const error e = thrown_by([&] { commit_all(store_, {spec_of(key_, "s"), attempt_of(key_, number, "a")}); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), testing::HasSubstr("attempt " + std::to_string(number)));
  }
  const bytes huge(detail::max_register_bytes + 1, 'x');
  EXPECT_EQ(thrown_by([&] { commit_all(store_, {spec_of(key_, "s"), state_of(key_, huge)}); }).code(), errc::too_large);
  EXPECT_EQ(store_.load(key_), std::nullopt);
}

BANYAN_OVER_EACH_STORE(StoreContract);

}  // namespace
}  // namespace banyan::test
