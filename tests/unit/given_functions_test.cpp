#include "actors/given_functions.hpp"

#include <gmock/gmock.h>

#include <banyan/banyan.hpp>

#include "actors/function_registry.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

int is_given(int n) { return n; }
BANYAN_FUNCTION(is_given)

int is_given_many(const std::vector<int>& all) { return static_cast<int>(all.size()); }
BANYAN_FUNCTION(is_given_many)

void is_given_none() {}
BANYAN_FUNCTION(is_given_none)

int adds_given(int a, int b) { return a + b; }
BANYAN_FUNCTION(adds_given)

class GivenFunctions : public testing::Test {
 protected:
  static void SetUpTestSuite() { detail::register_own_functions(); }

  static std::vector<std::string> of(const detail::bound_call& call) {
    return detail::given_functions(call.function, call.complete(0, ""));
  }
};

TEST_F(GivenFunctions, are_those_that_wait_for_their_turn) {
  EXPECT_THAT(of(critical_section("s", banyan::bind(is_given, 1)).call()), ElementsAre("is_given"));
  EXPECT_THAT(of(debounce(is_given, {.first = 1s, .name = "is_given_none"}).call()), ElementsAre("is_given"));
  EXPECT_THAT(of(critical_section("s", debounce(is_given)).call()), ElementsAre("is_given"));
}

TEST_F(GivenFunctions, are_those_that_are_called_one_after_the_other_or_at_once) {
  const std::vector<fn<int()>> calls{banyan::bind(is_given, 1), banyan::bind(adds_given, 1, 2)};
  EXPECT_THAT(of(parallel(calls).call()), ElementsAre("is_given", "adds_given"));
  const std::vector<fn<int(std::vector<int>)>> steps{is_given_many};
  EXPECT_THAT(of(sequence(steps).call()), ElementsAre("is_given_many"));
  EXPECT_THAT(of(sequence(std::vector<fn<void()>>{is_given_none}).call()), ElementsAre("is_given_none"));
  EXPECT_THAT(of(parallel(std::vector<fn<void()>>{is_given_none}).call()), ElementsAre("is_given_none"));
}

TEST_F(GivenFunctions, are_those_that_go_through_a_source) {
  const auto map = map_reduce(items(std::vector<int>{1, 2}), is_given_many, adds_given, 0);
  EXPECT_THAT(of(map.call()), ElementsAre("is_given_many", "adds_given"));
  EXPECT_THAT(of(for_each_page(items(std::vector<int>{1}), is_given_many).call()), ElementsAre("is_given_many"));
}

TEST_F(GivenFunctions, of_other_calls_there_are_none) {
  EXPECT_THAT(of(banyan::bind(is_given, 1).call()), IsEmpty());
  const bytes texts = detail::encode(std::make_tuple(std::vector<std::string>{"is_given"}));
  EXPECT_THAT(detail::given_functions("somebody's", texts), IsEmpty());
  EXPECT_THAT(detail::given_functions("banyan.every", texts), IsEmpty());
}

TEST_F(GivenFunctions, of_arguments_that_cannot_be_read_there_are_none) {
  for (const bytes& arguments : {bytes(), bytes("\xC1"), detail::encode(7), detail::encode(std::vector<int>{1, 2})}) {
    EXPECT_THAT(detail::given_functions("banyan.critical_section/1", arguments), IsEmpty());
    EXPECT_THAT(detail::given_functions("banyan.parallel", arguments), IsEmpty());
  }
}

TEST_F(GivenFunctions, that_this_program_does_not_know_are_named) {
  const bytes unknown = detail::encode("s") + detail::encode(std::make_tuple("nobody knows", 1));
  const detail::bound_call call{"banyan.critical_section/1", 2, unknown};
  EXPECT_EQ(detail::unknown_given(call.function, call.complete(0, "")), "nobody knows");
  const auto known = critical_section("s", banyan::bind(is_given, 1)).call();
  EXPECT_EQ(detail::unknown_given(known.function, known.complete(0, "")), "");
}

}  // namespace
}  // namespace banyan::test
