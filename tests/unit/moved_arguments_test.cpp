#include "actors/moved_arguments.hpp"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace banyan::test {
namespace {

using testing::ElementsAre;

constexpr family_id earlier{0x0123456789abcdef, 7};
constexpr family_id now{0x0123456789abcdef, 8};
constexpr family_id other{0x0123456789abcdef, 9};

std::string child(const family_id& f, std::uint64_t number) { return key{f, number}.str(); }

TEST(MovedArguments, name_the_siblings_of_the_same_numbers) {
  const auto call = [](const family_id& f) {
    return detail::encode(std::tuple(std::vector<std::string>{child(f, 0), child(f, 123456789), child(other, 3)}, 5,
                                     std::map<std::string, std::string>{{"a", child(f, 42)}}));
  };
  const auto moved = detail::move_arguments(call(earlier), earlier, now);
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->arguments, call(now));
  EXPECT_THAT(moved->children, ElementsAre(0u, 123456789u, 42u));
}

TEST(MovedArguments, are_none_where_no_sibling_is_named) {
  EXPECT_FALSE(detail::move_arguments(detail::encode(std::tuple(child(other, 1), 2)), earlier, now));
  EXPECT_FALSE(detail::move_arguments({}, earlier, now));
}

TEST(MovedArguments, do_not_take_what_follows_for_a_part_of_the_number) {
  // 0x31 is also the number 49.
  const auto moved = detail::move_arguments(detail::encode(std::tuple(child(earlier, 7), 0x31)), earlier, now);
  ASSERT_TRUE(moved);
  EXPECT_THAT(moved->children, ElementsAre(7u));
}

TEST(MovedArguments, do_not_know_the_number_of_a_key_within_a_text) {
  const auto moved = detail::move_arguments(detail::encode(std::tuple("see " + child(earlier, 7))), earlier, now);
  ASSERT_TRUE(moved);
  EXPECT_THAT(moved->children, ElementsAre(~std::uint64_t{0}));
}

}  // namespace
}  // namespace banyan::test
