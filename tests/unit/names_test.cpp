#include <gmock/gmock.h>

#include "messages/names.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::cut_message;
using testing::EndsWith;
using testing::StartsWith;

constexpr std::size_t most = 64u << 10;

TEST(Names, are_bounded) {
  detail::check_name(std::string(max_name, 'n'), "a name");
  const error e = thrown_by([] { detail::check_name(std::string(max_name + 1, 'n'), "a name"); });
  EXPECT_EQ(e.code(), errc::invalid_argument);
  EXPECT_EQ(e.message(), "a name has at most 1024 bytes, not 1025");
}

TEST(Messages, that_are_short_stay) { EXPECT_EQ(cut_message(std::string(most, 'm')), std::string(most, 'm')); }

TEST(Messages, that_are_long_are_cut_and_say_so) {
  const std::string cut = cut_message(std::string(most + 1, 'm'));
  EXPECT_EQ(cut.size(), most);
  EXPECT_THAT(cut, StartsWith("mmm"));
  EXPECT_THAT(cut, EndsWith("m... (cut: it had 65537 bytes)"));
  EXPECT_EQ(cut_message(cut), cut);
}

TEST(Messages, are_not_cut_within_a_character) {
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::string text(shift, 'm');
    while (text.size() < 2 * most) text += "\xF0\x9F\x8C\xB3";
    const std::string cut = cut_message(text);
    const std::size_t kept = cut.rfind("...") - shift;
    EXPECT_LE(cut.size(), most);
    EXPECT_EQ(kept % 4, 0u) << shift;
  }
}

}  // namespace
}  // namespace banyan::test
