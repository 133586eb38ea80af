#include "actors/halts.hpp"

#include <gtest/gtest.h>

namespace banyan::test {
namespace {

using detail::halts;

const key first{{1, 2}, 3};
const key second{{1, 2}, 4};

TEST(Halts, a_wave_that_asks_nobody_is_over_at_once) {
  halts h;
  int done = 0;
  h.begin({}, [&] { ++done; });
  EXPECT_EQ(done, 1);
}

TEST(Halts, a_wave_is_over_once_all_have_answered) {
  halts h;
  int done = 0;
  const auto wave = h.begin({{7, first}, {8, second}}, [&] { ++done; });
  h.answered(wave, 7, first);
  h.answered(wave, 8, first);
  EXPECT_EQ(done, 0);
  h.answered(wave, 8, second);
  EXPECT_EQ(done, 1);
  h.answered(wave, 8, second);
  EXPECT_EQ(done, 1);
}

TEST(Halts, what_is_asked_for_again_before_it_is_done_counts_once) {
  halts h;
  EXPECT_TRUE(h.ask({7, 1, first, {}}));
  EXPECT_FALSE(h.ask({7, 1, first, {}}));
  EXPECT_FALSE(h.ask({7, 1, second, {}})) << "it is not the first";
  EXPECT_EQ(h.take_asked().size(), 2u);
  EXPECT_FALSE(h.ask({7, 1, first, {}}));
  EXPECT_TRUE(h.ask({7, 2, first, {}}));
  h.done(7, 1, first);
  EXPECT_FALSE(h.ask({7, 1, first, {}})) << "it is not the first";
  EXPECT_EQ(h.take_asked().size(), 2u) << "its answer may have been lost";
}

TEST(Halts, nothing_is_waited_for_from_a_node_that_is_gone) {
  halts h;
  int done = 0;
  h.begin({{7, first}, {8, second}}, [&] { ++done; });
  h.begin({{7, second}}, [&] { ++done; });
  h.lost(7);
  EXPECT_EQ(done, 1);
  h.lost(8);
  EXPECT_EQ(done, 2);
}

TEST(Halts, tell_what_a_node_has_not_answered) {
  halts h;
  const auto wave = h.begin({{7, first}, {8, second}}, [] {});
  EXPECT_EQ(h.open_at(7), (std::vector<std::pair<std::uint64_t, key>>{{wave, first}}));
  h.answered(wave, 7, first);
  EXPECT_TRUE(h.open_at(7).empty());
}

}  // namespace
}  // namespace banyan::test
