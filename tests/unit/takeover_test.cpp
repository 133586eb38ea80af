#include <gmock/gmock.h>

#include <banyan/detail/recorded_run.hpp>

#include "actors/history.hpp"
#include "tests/support/recorded.hpp"

namespace banyan::test {
namespace {

using detail::history;
using detail::step_kind;
using what = history::answer::what;

const family_id newer{1, 2};
const family_id older{1, 1};

const detail::record open_call = recorded_call(0, "add");
const detail::record failed_call = with_result(open_call, failure_of("it broke"));
const detail::record good_call = with_result(open_call, success_of("\x03"));

history after(std::vector<std::pair<family_id, detail::record>> earlier) {
  history h;
  for (auto& [family, r] : earlier) h.add_earlier(family, std::move(r));
  return h;
}

what answer_to(const history::request& asked, detail::record earlier) {
  return after({{older, std::move(earlier)}}).match(0, asked).kind;
}

TEST(Takeover, takes_the_success_of_a_call_with_its_record) {
  history h = after({{older, good_call}});
  EXPECT_FALSE(h.empty());
  const history::answer a = h.match(0, asks_for_call("add"));
  EXPECT_EQ(a.kind, what::taken_over);
  EXPECT_EQ(a.found, good_call);
  EXPECT_EQ(a.entry.spec.function, "add");
}

TEST(Takeover, takes_what_a_promise_was_given) {
  const detail::record given = with_result(recorded_promise(0, "approval"), success_of("\xc3"));
  EXPECT_EQ(answer_to(asks_for_promise("approval"), given), what::taken_over);
}

TEST(Takeover, makes_a_promise_anew_that_was_given_nothing_or_an_error) {
  const detail::record promise = recorded_promise(0, "approval");
  EXPECT_EQ(answer_to(asks_for_promise("approval"), promise), what::fresh);
  const detail::record refused = with_result(promise, failure_of("refused"));
  const history::answer a = after({{older, refused}}).match(0, asks_for_promise("approval"));
  EXPECT_EQ(a.kind, what::fresh);
  EXPECT_EQ(a.found, detail::record());
}

TEST(Takeover, takes_the_answers_of_all_steps_but_choices) {
  for (const step_kind kind : {step_kind::now, step_kind::random, step_kind::uuid, step_kind::run}) {
    EXPECT_EQ(answer_to(asks_for_step(kind), recorded_step(0, kind)), what::taken_over) << to_string(kind);
  }
  EXPECT_EQ(answer_to(asks_for_step(step_kind::choice), recorded_step(0, step_kind::choice)), what::fresh);
}

TEST(Takeover, tries_a_failed_step_again) {
  detail::record failed{.index = 0};
  failed.spec = detail::encode_step({step_kind::run, "ask", detail::encode_answer(error_info{errc::failed, "no"})});
  EXPECT_EQ(answer_to(asks_for_step(step_kind::run, "ask"), failed), what::fresh);
}

TEST(Takeover, replaces_a_call_that_did_not_succeed) {
  detail::result_record cancelled = failure_of("no longer wanted");
  cancelled.outcome = status::cancelled;
  for (const detail::record& r : {open_call, failed_call, with_result(open_call, cancelled)}) {
    const history::answer a = after({{older, r}}).match(0, asks_for_call("add"));
    EXPECT_EQ(a.kind, what::replaces);
    EXPECT_EQ(a.earlier, (key{older, 0}));
  }
}

TEST(Takeover, ends_where_a_fork_begins) {
  history h;
  const history::fork end{1, std::nullopt};
  h.add_earlier(older, good_call, end);
  h.add_earlier(older, with_result(recorded_call(1, "add"), success_of("\x03")), end);
  EXPECT_EQ(h.match(0, asks_for_call("add")).kind, what::taken_over);
  EXPECT_EQ(h.match(1, asks_for_call("add")).kind, what::fresh);
}

TEST(Takeover, makes_what_is_above_a_fork_anew_from_there_on) {
  const key below{{7, 7}, 3};
  history h;
  const history::fork end{0, below};
  h.add_earlier(older, good_call, end);
  h.add_earlier(older, with_result(recorded_call(1, "add"), success_of("\x03")), end);
  const history::answer a = h.match(0, asks_for_call("add"));
  EXPECT_EQ(a.kind, what::replaces);
  EXPECT_EQ(a.earlier, (key{older, 0}));
  EXPECT_EQ(a.until, below);
  EXPECT_EQ(h.match(1, asks_for_call("add")).kind, what::fresh);
}

TEST(Takeover, of_what_ran_after_a_fork_has_no_end) {
  history h;
  h.add_earlier(newer, good_call);
  h.add_earlier(older, good_call, history::fork{0, std::nullopt});
  EXPECT_EQ(h.match(0, asks_for_call("add")).kind, what::taken_over);
}

TEST(Takeover, takes_nothing_from_something_else) {
  EXPECT_EQ(answer_to(asks_for_call("mul"), good_call), what::fresh);
  EXPECT_EQ(answer_to(asks_for_call("add", "\x91\x01"), good_call), what::fresh);
  EXPECT_EQ(answer_to(asks_for_promise("add"), good_call), what::fresh);
  EXPECT_EQ(answer_to(asks_for_step(step_kind::run, "add"), good_call), what::fresh);
  EXPECT_EQ(after({{older, good_call}}).match(1, asks_for_call("add")).kind, what::fresh);
}

TEST(Takeover, prefers_the_newest_answer) {
  const detail::record old_answer = with_result(open_call, success_of("\x04"));
  EXPECT_EQ(after({{newer, good_call}, {older, old_answer}}).match(0, asks_for_call("add")).found, good_call);
}

TEST(Takeover, prefers_an_answer_to_what_is_none) {
  const history::answer a = after({{newer, failed_call}, {older, good_call}}).match(0, asks_for_call("add"));
  EXPECT_EQ(a.kind, what::taken_over);
  EXPECT_EQ(a.earlier, (key{older, 0}));
}

TEST(Takeover, replaces_the_newest_of_several_failures) {
  const history::answer a = after({{newer, failed_call}, {older, open_call}}).match(0, asks_for_call("add"));
  EXPECT_EQ(a.kind, what::replaces);
  EXPECT_EQ(a.earlier, (key{newer, 0}));
}

TEST(Takeover, looks_further_back_where_an_attempt_left_no_spec) {
  const detail::record orphan = with_result({.index = 0}, failure_of("cancelled"));
  EXPECT_EQ(after({{newer, orphan}, {older, good_call}}).match(0, asks_for_call("add")).kind, what::taken_over);
}

TEST(Takeover, counts_less_than_what_this_attempt_has_recorded) {
  history h = after({{older, good_call}});
  h.add_current(open_call);
  const history::answer a = h.match(0, asks_for_call("add"));
  EXPECT_EQ(a.kind, what::recorded);
  EXPECT_EQ(a.found, open_call);

  history other = after({{older, good_call}});
  other.add_current(recorded_call(0, "mul"));
  EXPECT_EQ(other.match(0, asks_for_call("add")).kind, what::differs);
}

TEST(Takeover, fills_the_numbers_that_this_attempt_has_not_reached) {
  history h = after({{older, with_result(recorded_call(1, "mul"), success_of("\x06"))}});
  h.add_current(open_call);
  EXPECT_EQ(h.match(0, asks_for_call("add")).kind, what::recorded);
  EXPECT_EQ(h.match(1, asks_for_call("mul")).kind, what::taken_over);
}

TEST(Takeover, leaves_nothing_that_has_to_be_asked_for) {
  const history h = after({{older, good_call}});
  EXPECT_TRUE(h.exhausted());
}

}  // namespace
}  // namespace banyan::test
