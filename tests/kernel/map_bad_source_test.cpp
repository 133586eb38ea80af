#include "tests/kernel/kernel_fixture.hpp"
#include "tests/kernel/map_sources.hpp"

namespace banyan::test {
namespace {

using testing::HasSubstr;

/// What a source may do wrong.
enum class vice { none, whole_again, too_many, never_smaller, throws_at_read, throws_at_split, gives_no_page };

/// A thousand numbers, by a source that is not what it says, or cannot be split.
struct bad_source {
  using page = std::vector<std::uint64_t>;

  int what = 0;
  std::uint64_t part = 0;

  bool is(vice v) const { return what == static_cast<int>(v); }
  std::optional<page> read(std::uint64_t limit) const {
    if (is(vice::throws_at_read)) throw std::runtime_error("it does not read");
    if (limit < 1000 || is(vice::gives_no_page)) return std::nullopt;
    page all;
    for (std::uint64_t i = 0; i < 1000; ++i) all.push_back(i);
    return all;
  }
  std::vector<bad_source> split(std::size_t n) const {
    if (is(vice::throws_at_split)) throw std::runtime_error("it does not split");
    if (is(vice::whole_again)) return {*this, {what, part + 1}};
    if (is(vice::too_many)) return std::vector<bad_source>(n + 1, {what, part + 1});
    if (is(vice::never_smaller)) return {{what, 2 * part + 1}, {what, 2 * part + 2}};
    return {};
  }
  std::optional<std::uint64_t> size() const { return std::nullopt; }

  MSGPACK_DEFINE(what, part)
};
BANYAN_SOURCE(bad_source)

struct unregistered_source : bad_source {
  std::vector<unregistered_source> split(std::size_t) const { return {}; }
};

std::uint64_t longest_page(const std::vector<std::uint64_t>& page) { return page.size(); }
BANYAN_FUNCTION(longest_page)

std::uint64_t larger(std::uint64_t a, std::uint64_t b) { return std::max(a, b); }
BANYAN_FUNCTION(larger)

class BadSources : public Kernel {
 protected:
  std::string message(vice v, bool count_first = false) {
    const bad_source s{static_cast<int>(v)};
    const auto f = rt().spawn(map_reduce(s, sum_page, add_up, 0, {.page_size = 10, .count_first = count_first}));
    return message_of([&] { f.get(); });
  }
};
BANYAN_OVER_EACH_STORE(BadSources);

TEST_P(BadSources, that_cannot_be_split_are_mapped_page_by_page) {
  for (const bool count_first : {false, true}) {
    const map_options opts{.page_size = 30, .count_first = count_first};
    EXPECT_EQ(rt().spawn(map_reduce(bad_source(), sum_page, add_up, 0, opts)).get(), 499'500u);
    EXPECT_EQ(rt().spawn(map_reduce(bad_source(), longest_page, larger, 0, opts)).get(), 30u);
    const auto f = rt().spawn(map_reduce(bad_source(), longest_page, add_up, 0, opts));
    EXPECT_EQ(f.get(), 1000u);
    EXPECT_EQ(f.progress().weight, 1000);
  }
}

TEST_P(BadSources, fail_and_do_not_go_on_for_ever) {
  for (const bool count_first : {false, true}) {
    EXPECT_THAT(message(vice::whole_again, count_first), HasSubstr("whole again"));
    EXPECT_THAT(message(vice::too_many, count_first), HasSubstr("at most 16 parts and made 17"));
    EXPECT_THAT(message(vice::throws_at_read, count_first), HasSubstr("it does not read"));
    EXPECT_THAT(message(vice::throws_at_split, count_first), HasSubstr("it does not split"));
  }
  EXPECT_THAT(message(vice::gives_no_page), HasSubstr("gave no page"));
}

TEST_P(BadSources, whose_parts_do_not_get_smaller_fail_in_the_end) {
  // It takes as many shards as are made while one chain of them gets deep, which each store decides by its speed.
  if (GetParam() != "memory") GTEST_SKIP();
  EXPECT_THAT(message(vice::never_smaller), HasSubstr("still larger than a page"));
}

TEST_P(BadSources, are_to_be_registered) {
  const auto call = [] { for_each_page(unregistered_source(), longest_page); };
  EXPECT_EQ(code_of(call), errc::unknown_function);
  EXPECT_THAT(message_of(call), HasSubstr("BANYAN_SOURCE"));
}

}  // namespace
}  // namespace banyan::test
