#include "tests/kernel/kernel_fixture.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::mutex notes_mutex;
std::vector<std::string> notes;

std::vector<std::string> noted() {
  const std::lock_guard lock(notes_mutex);
  return notes;
}

void takes_note(std::string text) {
  if (text == "bad") throw std::runtime_error("a bad note");
  const std::lock_guard lock(notes_mutex);
  notes.push_back(std::move(text));
}
BANYAN_FUNCTION(takes_note)

void takes_last_note() { takes_note("last"); }
BANYAN_FUNCTION(takes_last_note)

std::size_t counts_notes() { return noted().size(); }
BANYAN_FUNCTION(counts_notes)

int fifty() { return 50; }
BANYAN_FUNCTION(fifty)

std::string in_text(int n) { return std::to_string(n); }
BANYAN_FUNCTION(in_text)

struct adds_more {
  int to = 0;
  int operator()(int n) const { return n + to; }
  MSGPACK_DEFINE(to)
};
BANYAN_CLOSURE(adds_more)

task<> hears_a_word(context& ctx) {
  const future<int> word = ctx.promise<int>("word");
  co_await word;
}
BANYAN_FUNCTION(hears_a_word)

task<std::size_t> gathers_notes(context& ctx, std::vector<std::string> texts, bool skip) {
  const auto all_of_them = ctx.map(takes_note, texts);
  co_await gather(all_of_them, skip ? errors::skip : errors::raise);
  co_return noted().size();
}
BANYAN_FUNCTION(gathers_notes)

/// What has no value has no place among the values.
task<std::string> takes_values_and_voids(context& ctx) {
  const auto n = ctx.spawn(fifty);
  const auto note = ctx.spawn(takes_note, "beside");
  const auto text = ctx.spawn(in_text, 7);
  const auto [number, written] = co_await all(note, n, text);
  const auto [only] = co_await all(n, note);
  co_await all(note, note);
  co_return written + std::to_string(number + only);
}
BANYAN_FUNCTION(takes_values_and_voids)

task<std::size_t> takes_the_first_void(context& ctx) {
  const std::vector<future<void>> some{ctx.spawn(takes_note, "bad"), ctx.spawn(hears_a_word),
                                       ctx.spawn(takes_note, "good")};
  const auto good = co_await first_success(some);
  const auto first = co_await any(some[2], some[2]);
  co_return 10 * good.index + first.index;
}
BANYAN_FUNCTION(takes_the_first_void)

/// Futures and calls that result in nothing.
class Void : public Kernel {
 protected:
  Void() {
    const std::lock_guard lock(notes_mutex);
    notes.clear();
  }
};
BANYAN_OVER_EACH_STORE(Void);

TEST_P(Void, futures_of_a_map_are_gathered_by_plain_code) {
  rt().gather(rt().map(takes_note, std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(noted(), UnorderedElementsAre("a", "b"));
  const auto with_a_bad_one = rt().map(takes_note, std::vector<std::string>{"bad", "c"});
  EXPECT_THAT(thrown_by([&] { rt().gather(with_a_bad_one); }).message(), HasSubstr("a bad note"));
  rt().gather(with_a_bad_one, errors::skip);
  EXPECT_THAT(noted(), UnorderedElementsAre("a", "b", "c"));
}

TEST_P(Void, futures_are_gathered_in_functions) {
  using texts = std::vector<std::string>;
  EXPECT_EQ(rt().spawn(gathers_notes, texts{"a", "b"}, false).get(), 2u);
  EXPECT_EQ(rt().spawn(gathers_notes, texts{"c", "bad", "d"}, true).get(), 4u);
  EXPECT_THAT(thrown_by([&] { rt().spawn(gathers_notes, texts{"bad"}, false).get(); }).message(),
              HasSubstr("a bad note"));
}

TEST_P(Void, futures_have_no_place_in_the_tuple_of_all) { EXPECT_EQ(rt().spawn(takes_values_and_voids).get(), "7100"); }

TEST_P(Void, futures_have_a_first_success) { EXPECT_EQ(rt().spawn(takes_the_first_void).get(), 20u); }

TEST_P(Void, calls_run_in_parallel_and_in_sequence) {
  const std::vector<fn<void()>> calls{banyan::bind(takes_note, "a"), banyan::bind(takes_note, "b"), takes_last_note};
  const future<void> together = rt().spawn(parallel(calls));
  together.get();
  EXPECT_EQ(together.children().size(), 3u);
  EXPECT_THAT(noted(), UnorderedElementsAre("a", "b", "last"));
  rt().spawn(sequence(calls)).get();
  const auto all = noted();
  EXPECT_THAT(std::vector(all.begin() + 3, all.end()), testing::ElementsAre("a", "b", "last"));
  const std::vector<fn<void()>> bad{banyan::bind(takes_note, "bad"), takes_last_note};
  EXPECT_THAT(thrown_by([&] { rt().spawn(parallel(bad)).get(); }).message(), HasSubstr("a bad note"));
  EXPECT_THAT(thrown_by([&] { rt().spawn(sequence(bad)).get(); }).message(), HasSubstr("a bad note"));
}

TEST_P(Void, futures_are_followed_by_what_takes_nothing) {
  const auto note = rt().spawn(takes_note, "a");
  EXPECT_EQ(rt().spawn(then(note, counts_notes)).get(), 1u);
  rt().spawn(then(note, takes_last_note)).get();
  EXPECT_EQ(noted().size(), 2u);
  const auto bad = rt().spawn(takes_note, "bad");
  EXPECT_THAT(thrown_by([&] { rt().spawn(then(bad, counts_notes)).get(); }).message(), HasSubstr("a bad note"));
}

TEST_P(Void, and_other_futures_are_followed_by_functions_and_closures_as_they_are) {
  const auto n = rt().spawn(fifty);
  EXPECT_EQ(rt().spawn(then(n, in_text)).get(), "50");
  EXPECT_EQ(rt().spawn(then(n, adds_more{5})).get(), 55);
  EXPECT_EQ(rt().spawn(then(n, banyan::fn(in_text))).get(), "50");
}

}  // namespace
}  // namespace banyan::test
