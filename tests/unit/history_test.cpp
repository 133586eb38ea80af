#include "actors/history.hpp"

#include <gmock/gmock.h>

#include <banyan/detail/recorded_run.hpp>

#include "messages/family.hpp"
#include "tests/support/recorded.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::history;
using detail::step_kind;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using what = history::answer::what;

history holding(std::vector<detail::record> records) {
  history h;
  for (detail::record& r : records) h.add_current(std::move(r));
  return h;
}

/// Why `asked` at number 0 is not what the record holds.
std::string difference(detail::record recorded, const history::request& asked) {
  history h = holding({std::move(recorded)});
  const history::answer a = h.match(0, asked);
  EXPECT_EQ(a.kind, what::differs);
  return a.why;
}

TEST(History, has_nothing_to_say_where_nothing_is_recorded) {
  history h;
  EXPECT_TRUE(h.empty());
  EXPECT_TRUE(h.exhausted());
  EXPECT_EQ(h.match(0, asks_for_call("add")).kind, what::fresh);
  EXPECT_THAT(h.take_rest(), IsEmpty());
}

TEST(History, finds_the_same_call_with_all_that_is_recorded_of_it) {
  const detail::record add = with_result(recorded_call(0, "add"), success_of("\x03"));
  history h = holding({add, recorded_call(1, "mul")});
  EXPECT_FALSE(h.empty());
  const history::answer a = h.match(0, asks_for_call("add"));
  EXPECT_EQ(a.kind, what::recorded);
  EXPECT_EQ(a.found, add);
  EXPECT_EQ(a.entry.spec.function, "add");
  EXPECT_EQ(h.match(1, asks_for_call("mul")).kind, what::recorded);
  EXPECT_EQ(h.match(2, asks_for_call("add")).kind, what::fresh);
}

TEST(History, finds_the_same_step_and_the_same_promise) {
  history h = holding({recorded_step(0, step_kind::run, "ask", "answer"), recorded_promise(1, "approval")});
  const history::answer step = h.match(0, asks_for_step(step_kind::run, "ask"));
  EXPECT_EQ(step.kind, what::recorded);
  EXPECT_EQ(step.entry.step.answer, detail::encode_answer("answer"));
  EXPECT_EQ(h.match(1, asks_for_promise("approval")).kind, what::recorded);
}

TEST(History, finds_a_failed_child_of_this_attempt_as_it_is) {
  history h = holding({with_result(recorded_call(0, "add"), failure_of("it broke"))});
  EXPECT_EQ(h.match(0, asks_for_call("add")).kind, what::recorded);
}

TEST(History, names_both_sides_where_a_function_asks_for_something_else) {
  EXPECT_THAT(difference(recorded_call(0, "add"), asks_for_call("mul")),
              AllOf(HasSubstr("at number 0"), HasSubstr("holds a call of add"), HasSubstr("asks for a call of mul")));
  EXPECT_THAT(difference(recorded_call(0, "add"), asks_for_promise("add")), HasSubstr("asks for a promise 'add'"));
  EXPECT_THAT(difference(recorded_promise(0, "one"), asks_for_promise("two")),
              AllOf(HasSubstr("promise 'one'"), HasSubstr("promise 'two'")));
  EXPECT_THAT(difference(recorded_step(0, step_kind::run, "one"), asks_for_step(step_kind::run, "two")),
              AllOf(HasSubstr("step run 'one'"), HasSubstr("step run 'two'")));
  EXPECT_THAT(difference(recorded_step(0, step_kind::now), asks_for_step(step_kind::random)),
              AllOf(HasSubstr("step now"), HasSubstr("step random")));
  EXPECT_THAT(difference(recorded_step(0, step_kind::run, "add"), asks_for_call("add")), HasSubstr("call of add"));
}

TEST(History, says_when_only_the_arguments_are_others) {
  EXPECT_THAT(difference(recorded_call(0, "add", "\x91\x01"), asks_for_call("add", "\x91\x02")),
              HasSubstr("with other arguments"));
  EXPECT_THAT(difference(recorded_call(0, "add"), asks_for_call("mul")), Not(HasSubstr("other arguments")));
}

TEST(History, matches_anything_at_a_number_that_the_record_skips) {
  history h = holding({recorded_call(0, "add"), recorded_call(2, "mul")});
  EXPECT_EQ(h.match(0, asks_for_call("add")).kind, what::recorded);
  EXPECT_EQ(h.match(1, asks_for_step(step_kind::choice)).kind, what::fresh);
  EXPECT_EQ(h.match(2, asks_for_call("mul")).kind, what::recorded);
  EXPECT_TRUE(h.exhausted());
}

TEST(History, takes_a_number_without_a_spec_for_one_that_is_skipped) {
  history h = holding({recorded_call(0, "add"), with_result({.index = 1}, failure_of("cancelled"))});
  h.match(0, asks_for_call("add"));
  EXPECT_TRUE(h.exhausted());
  EXPECT_EQ(h.match(1, asks_for_call("mul")).kind, what::fresh);
}

TEST(History, is_exhausted_when_all_was_asked_for) {
  history h = holding({recorded_call(0, "add"), recorded_step(1, step_kind::run, "ask")});
  EXPECT_FALSE(h.exhausted());
  EXPECT_EQ(h.describe_next(), "0 (call of add)");
  h.match(0, asks_for_call("add"));
  EXPECT_FALSE(h.exhausted());
  EXPECT_EQ(h.describe_next(), "1 (step run 'ask')");
  h.match(1, asks_for_step(step_kind::run, "ask"));
  EXPECT_TRUE(h.exhausted());
}

TEST(History, gives_away_once_what_was_not_asked_for) {
  history h = holding({recorded_call(0, "add"), recorded_promise(1, "approval"), recorded_call(4, "mul")});
  h.match(0, asks_for_call("add"));
  const std::vector<detail::record> rest = h.take_rest();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest[0], recorded_promise(1, "approval"));
  EXPECT_EQ(rest[1], recorded_call(4, "mul"));
  EXPECT_TRUE(h.exhausted());
  EXPECT_THAT(h.take_rest(), IsEmpty());
}

TEST(History, does_not_guess_what_a_damaged_record_says) {
  history spec = holding({{.index = 0, .spec = "\xc1"}});
  EXPECT_EQ(thrown_by([&] { spec.match(0, asks_for_call("add")); }).code(), errc::corrupt_record);
  history result;
  detail::record r = recorded_call(0, "add");
  r.result = "\xc1";
  result.add_earlier({1, 1}, r);
  EXPECT_EQ(thrown_by([&] { result.match(0, asks_for_call("add")); }).code(), errc::corrupt_record);
}

TEST(History, takes_over_a_sleep_that_is_over_and_no_limit_of_another_wait) {
  const auto slept = [](std::string name, detail::millis end) {
    return detail::record{.index = 0,
                          .spec = detail::encode_step({step_kind::sleep, std::move(name), detail::encode(end)})};
  };
  const auto answer = [&](const detail::record& r, std::string_view name) {
    history h({}, 1000);
    h.add_earlier({1, 1}, r);
    return h.match(0, asks_for_step(step_kind::sleep, name)).kind;
  };
  EXPECT_EQ(answer(slept("", 1000), ""), what::taken_over);
  EXPECT_EQ(answer(slept("", 1001), ""), what::fresh);
  EXPECT_EQ(answer(slept("with_timeout", 500), "with_timeout"), what::fresh);
}

TEST(History, knows_a_call_again_that_is_given_a_sibling) {
  constexpr family_id earlier{1, 1};
  constexpr family_id now{1, 2};
  const auto given = [](const family_id& f) { return detail::encode(std::tuple(key{f, 0}.str())); };
  for (const bool stands : {true, false}) {
    history h(now);
    const detail::record first = recorded_call(0, "one");
    h.add_earlier(earlier, with_result(first, stands ? success_of("\x01") : failure_of("it broke")));
    h.add_earlier(earlier, with_result(recorded_call(1, "two", given(earlier)), success_of("\x02")));
    h.match(0, asks_for_call("one"));
    const history::answer a = h.match(1, asks_for_call("two", given(now)));
    EXPECT_EQ(a.kind, stands ? what::taken_over : what::replaces);
    EXPECT_EQ(detail::decode_entry(a.found.spec).spec.arguments, given(now));
    EXPECT_EQ(a.earlier, (key{earlier, 1}));
  }
}

TEST(Settled, is_what_its_result_or_later_its_gauge_says) {
  const detail::record open = recorded_call(0, "add");
  EXPECT_FALSE(detail::is_settled(open));
  EXPECT_FALSE(detail::is_settled(with_result(open, success_of("", false))));
  EXPECT_TRUE(detail::is_settled(with_result(open, success_of("", true))));
  detail::record later = with_result(open, failure_of("it broke", false));
  later.gauge = detail::encode_gauge({.settled = true});
  EXPECT_TRUE(detail::is_settled(later));
  later.result.clear();
  EXPECT_FALSE(detail::is_settled(later));
}

TEST(RecordedRequest, is_what_the_function_had_asked_for) {
  const auto again = [](const detail::record& r) { return detail::request_of(detail::decode_entry(r.spec)); };
  // A request refers to the entry, which has to live as long.
  const detail::entry call = detail::decode_entry(recorded_call(0, "add", "\x91\x01").spec);
  EXPECT_EQ(detail::request_of(call).name, "add");
  EXPECT_EQ(detail::request_of(call).digest, detail::call_digest("add", "\x91\x01"));
  EXPECT_EQ(again(recorded_promise(0, "approval")).kind, detail::entry_kind::promise);
  EXPECT_EQ(again(recorded_step(0, step_kind::sleep)).step, step_kind::sleep);
}

}  // namespace
}  // namespace banyan::test
