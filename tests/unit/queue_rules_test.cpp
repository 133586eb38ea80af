#include "actors/queue_rules.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "actors/debounce_rules.hpp"
#include "nodes/queue_text.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::micros;
using detail::queue_asker;
using detail::queue_member;
using detail::queue_state;
using detail::queue_turn;
using answer = detail::queue_turn::answer;
using held_places = std::map<std::uint64_t, std::uint32_t>;

constexpr micros second = 1'000'000;
constexpr micros life = 10 * second;

/// A process that asks, and what it remembers.
struct process {
  detail::incarnation_id id;
  std::string name;
  held_places held{};

  queue_turn turn(const queue_state& q, const queue_limits& l, micros now) const {
    return queue_turn(q, l, {id, name, now, life}, held);
  }
  /// Asks for places, and says what waits after it.
  std::vector<answer> ask(queue_state& q, const queue_limits& l, micros now, int wanted, int priority = 0) {
    std::vector<answer> answers;
    queue_turn t = turn(q, l, now);
    while (wanted > 0) {
      answers.push_back(t.take(priority, 0, true));
      if (answers.back() != answer::yes) break;
      --wanted;
      ++held[0];
    }
    q = t.close(wanted > 0 ? std::optional(priority) : std::nullopt);
    return answers;
  }
  void leave(queue_state& q, const queue_limits& l, micros now, bool waits = false) {
    if (--held[0] == 0) held.clear();
    q = turn(q, l, now).close(waits ? std::optional(0) : std::nullopt);
  }
};

class QueueRules : public testing::Test {
 protected:
  process a_{1, "a"};
  process b_{2, "b"};
  queue_state q_;
  micros now_ = 1000 * second;
};

TEST_F(QueueRules, all_processes_together_have_so_many_places) {
  const queue_limits l{.concurrency = 3};
  EXPECT_EQ(a_.ask(q_, l, now_, 2), (std::vector{answer::yes, answer::yes}));
  EXPECT_EQ(b_.ask(q_, l, now_, 2), (std::vector{answer::yes, answer::full}));
  a_.leave(q_, l, now_);
  EXPECT_EQ(b_.ask(q_, l, now_, 1), (std::vector{answer::yes}));
}

TEST_F(QueueRules, of_a_key_too) {
  const queue_limits l{.key_concurrency = 1};
  queue_turn first = a_.turn(q_, l, now_);
  EXPECT_EQ(first.take(0, 7, true), answer::yes);
  EXPECT_EQ(first.take(0, 7, true), answer::group_full);
  EXPECT_EQ(first.take(0, 8, true), answer::yes);
  EXPECT_EQ(first.take(0, 0, true), answer::yes);
  EXPECT_EQ(first.take(0, 0, true), answer::yes) << "without a key";
  q_ = first.close(std::nullopt);
  EXPECT_EQ(b_.turn(q_, l, now_).take(0, 8, true), answer::group_full);
}

TEST_F(QueueRules, a_process_that_is_silent_loses_its_places) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 1);
  EXPECT_EQ(b_.ask(q_, l, now_ + life - 1, 1), (std::vector{answer::full}));
  EXPECT_EQ(b_.ask(q_, l, now_ + life, 1), (std::vector{answer::yes}));
}

TEST_F(QueueRules, a_process_that_comes_again_has_lost_its_places) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 1);
  process again{3, "a"};
  EXPECT_EQ(again.ask(q_, l, now_, 1), (std::vector{answer::yes}));
}

TEST_F(QueueRules, numbers_grow_whoever_asks_and_after_all_is_forgotten) {
  const queue_limits l{.concurrency = 5};
  queue_turn first = a_.turn(q_, l, now_);
  first.take(0, 0, true);
  const auto n1 = first.number();
  first.take(0, 0, true);
  EXPECT_GT(first.number(), n1);
  q_ = first.close(std::nullopt);
  queue_turn second_turn = b_.turn(q_, l, now_ - second);
  second_turn.take(0, 0, true);
  EXPECT_GT(second_turn.number(), first.number()) << "though its clock is behind";
  queue_turn later = b_.turn({}, l, now_ + second);
  later.take(0, 0, true);
  EXPECT_GT(later.number(), second_turn.number());
}

TEST_F(QueueRules, a_rate_lets_a_burst_go_and_then_one_after_the_other) {
  const queue_limits l{.rate = 10, .burst = 3};
  EXPECT_EQ(a_.ask(q_, l, now_, 4), (std::vector{answer::yes, answer::yes, answer::yes, answer::too_soon}));
  EXPECT_EQ(a_.turn(q_, l, now_).free_at(), now_ + second / 10);
  EXPECT_EQ(b_.ask(q_, l, now_ + second / 20, 1), (std::vector{answer::too_soon})) << "for all processes";
  EXPECT_EQ(a_.ask(q_, l, now_ + second / 10, 2), (std::vector{answer::yes, answer::too_soon}));
  EXPECT_EQ(a_.ask(q_, l, now_ + 10 * second, 4).size(), 4u) << "no more than a burst is saved";
}

TEST_F(QueueRules, who_comes_again_does_not_count_for_the_rate) {
  const queue_limits l{.rate = 1};
  queue_turn t = a_.turn(q_, l, now_);
  EXPECT_EQ(t.take(0, 0, true), answer::yes);
  EXPECT_EQ(t.take(0, 0, false), answer::yes);
  EXPECT_EQ(t.take(0, 0, true), answer::too_soon);
}

TEST_F(QueueRules, who_waits_longest_has_the_next_place) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 2);
  b_.ask(q_, l, now_ + 1000, 1);
  const micros later = now_ + second / 2;
  a_.leave(q_, l, later, true);
  EXPECT_EQ(b_.ask(q_, l, later, 1), (std::vector{answer::full})) << "the other has had none for longer";
  EXPECT_EQ(a_.ask(q_, l, later, 2), (std::vector{answer::yes, answer::full}));
  a_.leave(q_, l, later, true);
  EXPECT_EQ(a_.ask(q_, l, later, 1), (std::vector{answer::full})) << "it had one since the other waits";
  EXPECT_EQ(b_.ask(q_, l, later, 1), (std::vector{answer::yes}));
}

TEST_F(QueueRules, one_that_does_not_ask_any_more_is_not_waited_for) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 2);
  b_.ask(q_, l, now_, 1);
  a_.leave(q_, l, now_, true);
  EXPECT_EQ(a_.ask(q_, l, now_ + 2 * second, 1), (std::vector{answer::yes}));
}

TEST_F(QueueRules, a_higher_priority_elsewhere_comes_first) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 2);
  b_.ask(q_, l, now_, 1, 5);
  a_.leave(q_, l, now_, true);
  EXPECT_EQ(a_.ask(q_, l, now_, 1), (std::vector{answer::full}));
  EXPECT_EQ(a_.ask(q_, l, now_, 1, 6), (std::vector{answer::yes}));
}

TEST_F(QueueRules, a_key_that_one_process_keeps_busy_is_given_to_the_other) {
  const queue_limits l{.key_concurrency = 1};
  constexpr std::uint64_t key = 7;
  queue_turn first = a_.turn(q_, l, now_);
  ASSERT_EQ(first.take(0, key, true), answer::yes);
  a_.held[key] = 1;
  q_ = first.close(std::nullopt);
  const auto asks = [&](const process& p, micros now, int priority = 0) {
    queue_turn t = p.turn(q_, l, now);
    const answer given = t.take(priority, key, true);
    q_ = t.close(std::nullopt);
    return given;
  };
  EXPECT_EQ(asks(b_, now_ + 1000), answer::group_full);
  const micros later = now_ + second / 2;
  EXPECT_EQ(asks(b_, later), answer::group_full) << "it says again that it waits";
  a_.held.clear();
  EXPECT_EQ(asks(a_, later + 1), answer::group_full) << "it is the other's turn";
  EXPECT_EQ(a_.turn(q_, l, later + 1).take(0, 8, true), answer::yes) << "with another key";
  EXPECT_EQ(a_.turn(q_, l, later + 1).take(1, key, true), answer::yes) << "with a higher priority";
  EXPECT_EQ(a_.turn(q_, l, later + 2 * second).take(0, key, true), answer::yes) << "the other asks no more";
  EXPECT_EQ(asks(b_, later + 2), answer::yes);
}

TEST_F(QueueRules, a_key_is_waited_for_where_the_queue_is_full_too) {
  const queue_limits l{.concurrency = 1, .key_concurrency = 1};
  queue_turn first = a_.turn(q_, l, now_);
  first.take(0, 7, true);
  a_.held[7] = 1;
  q_ = first.close(std::nullopt);
  queue_turn other = b_.turn(q_, l, now_);
  EXPECT_EQ(other.take(0, 7, true), answer::group_full);
  q_ = other.close(std::nullopt);
  ASSERT_EQ(q_.members.size(), 2u);
  EXPECT_EQ(q_.members[1].key_wishes, (std::map<std::uint64_t, detail::queue_wish>{{7, {0, now_}}}));
}

TEST_F(QueueRules, no_more_than_some_keys_are_waited_for) {
  const queue_limits l{.key_concurrency = 1};
  queue_turn first = a_.turn(q_, l, now_);
  for (std::uint64_t k = 1; k <= 100; ++k) {
    first.take(0, k, true);
    a_.held[k] = 1;
  }
  q_ = first.close(std::nullopt);
  queue_turn other = b_.turn(q_, l, now_);
  for (std::uint64_t k = 1; k <= 100; ++k) EXPECT_EQ(other.take(0, k, true), answer::group_full);
  q_ = other.close(std::nullopt);
  EXPECT_EQ(q_.members[1].key_wishes.size(), 16u);
  EXPECT_EQ(detail::decode_queue(detail::encode_queue(q_)), q_);
}

TEST_F(QueueRules, a_rate_is_not_held_up_by_a_time_that_it_cannot_have_given) {
  q_.next_start = now_ + 1000 * second;
  const queue_limits l{.rate = 10, .burst = 2};
  EXPECT_EQ(a_.ask(q_, l, now_, 1), (std::vector{answer::too_soon})) << "as after a burst";
  EXPECT_EQ(a_.ask(q_, l, now_ + second / 10, 2), (std::vector{answer::yes, answer::too_soon}));
}

TEST_F(QueueRules, a_member_of_an_earlier_version_has_no_wishes_of_keys) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 1);
  bytes old = detail::encode_queue(q_);
  // The array of the member, and its last field, which is empty.
  const std::size_t at = old.find("\x91\x9a") + 1;
  ASSERT_NE(at, 0u);
  ASSERT_EQ(old.back(), '\x90');
  old[at] = '\x99';
  old.pop_back();
  EXPECT_EQ(detail::decode_queue(old), q_);
}

TEST_F(QueueRules, only_what_others_are_to_know_is_a_difference) {
  const queue_limits l{.concurrency = 1};
  a_.ask(q_, l, now_, 1);
  const queue_asker asker{1, "a", now_ + 100, life};
  const auto again = [&](micros now) { return a_.turn(q_, l, now).close(std::nullopt); };
  EXPECT_FALSE(detail::differs(q_, again(now_ + 100), asker));
  EXPECT_TRUE(detail::differs(q_, again(now_ + life * 3 / 4), {1, "a", now_ + life * 3 / 4, life}))
      << "that it lives is to be said in time";
  EXPECT_TRUE(detail::differs(q_, a_.turn(q_, l, now_).close(1), asker)) << "it wants another";
}

TEST_F(QueueRules, a_state_is_read_as_it_was_written) {
  const queue_limits l{.concurrency = 2, .rate = 3};
  a_.ask(q_, l, now_, 2);
  b_.ask(q_, l, now_, 2, 3);
  EXPECT_EQ(detail::decode_queue(detail::encode_queue(q_)), q_);
  EXPECT_EQ(detail::decode_queue(""), queue_state());
  const bytes good = detail::encode_queue(q_);
  for (std::size_t n = 1; n < good.size(); ++n) {
    EXPECT_THROW(detail::decode_queue(good.substr(0, n)), error) << n;
  }
}

TEST(QueueText, is_read_as_it_is_written) {
  const queues all{{"mail", {.concurrency = 2, .rate = 0.5, .burst = 5, .key_concurrency = 1}}, {"plain", {}}};
  EXPECT_EQ(detail::write_queues(all)[0], "mail concurrency=2 rate=0.5 burst=5 key-concurrency=1");
  EXPECT_EQ(detail::read_queues(detail::write_queues(all)), all);
}

TEST(QueueText, that_is_wrong_is_refused) {
  for (const char* text :
       {"", "mail concurrency", "mail concurrency=0", "mail concurrency=-1", "mail rate=fast", "mail rate=-1",
        "mail rate=nan", "mail burst=0", "mail burst=2", "mail size=1", "a:b", "mail concurrency=2x"}) {
    EXPECT_EQ(thrown_by([&] { detail::read_queues({text}); }).code(), errc::invalid_argument) << text;
  }
}

TEST(QueueText, that_is_wrong_is_refused_with_its_name_and_the_word) {
  const auto refused = [](const std::vector<std::string>& texts) {
    return thrown_by([&] { detail::read_queues(texts); }).message();
  };
  EXPECT_EQ(refused({"a", "mail concurrency=0"}),
            "mail: concurrency takes a whole number from 1 to 4294967295, as in concurrency=5, not 'concurrency=0'");
  EXPECT_EQ(refused({"mail rate"}), "mail: rate takes a number from 0.000001 to 1000000, as in rate=5, not 'rate'");
  EXPECT_EQ(refused({"mail concurency=2"}),
            "mail: unknown limit 'concurency=2'; known are concurrency=N, rate=N, burst=N and key-concurrency=N");
  EXPECT_EQ(refused({"mail concurrency=2 concurrency=3"}), "mail: concurrency is given twice");
  EXPECT_EQ(refused({"mail burst=2"}), "mail: burst goes with a rate");
  EXPECT_EQ(refused({"mail rate=1e7"}), "mail: rate is 0, or from 0.000001 to 1000000 a second");
  EXPECT_EQ(refused({"a", "a"}), "a: there is one of this name already");
  EXPECT_EQ(refused({"a:b"}), "'a:b' is no name: it takes letters and signs but ',', ':', '=' and blanks");
}

TEST(DebounceRules, a_call_has_a_part_in_the_run_that_has_not_started) {
  EXPECT_EQ(detail::run_after(0, 1000, 50, 100), 1050);
  EXPECT_EQ(detail::run_after(1050, 1049, 50, 100), 1050);
  EXPECT_EQ(detail::run_after(1050, 1050, 50, 100), 1150) << "it has started";
  EXPECT_EQ(detail::run_after(1050, 1120, 50, 100), 1170) << "no sooner than the first time says";
  EXPECT_EQ(detail::run_after(1050, 9000, 50, 100), 9050);
}

TEST(DebounceRules, times_that_are_too_large_end_with_the_last_that_clocks_can_tell) {
  constexpr detail::millis most = std::numeric_limits<detail::millis>::max();
  EXPECT_EQ(detail::run_after(0, 1000, most, 100), detail::last_time);
  EXPECT_EQ(detail::run_after(1050, 1060, 0, most), detail::last_time);
  EXPECT_EQ(detail::run_after(detail::last_time, 1060, 0, most), detail::last_time);
  EXPECT_EQ(detail::remembered_for(1050, 1000, 50, 100).count(), 50 + 50 + 100 + 1000);
  EXPECT_EQ(detail::remembered_for(1050, 1000, most, most).count(), detail::last_time - 1000);
}

}  // namespace
}  // namespace banyan::test
