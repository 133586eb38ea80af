#include <gtest/gtest.h>

#include <set>

#include "messages/family.hpp"

namespace banyan::detail {
namespace {

constexpr std::int64_t now_ms = 1'750'000'000'123;
const key parent{{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 42};

std::uint64_t time_of(const family_id& family) { return family.hi >> 16; }

TEST(Family, OfARootBeginsWithTheTime) {
  EXPECT_EQ(time_of(random_family(now_ms)), static_cast<std::uint64_t>(now_ms));
  EXPECT_LT(random_family(now_ms), random_family(now_ms + 1));
}

TEST(Family, OfARootIsNewEachTime) {
  std::set<family_id> families;
  for (int i = 0; i < 10000; ++i) families.insert(random_family(now_ms));
  EXPECT_EQ(families.size(), 10000u);
}

TEST(Family, OfAnIdIsTheSameInEveryProcess) {
  EXPECT_EQ((key{named_family("wordtree:/usr/include"), 0}).str(), "3HKR93XTCT70ND3WANG8CK9TJF.0");
  EXPECT_NE(named_family("a"), named_family("b"));
}

TEST(Family, OfChildrenIsTheSameInEveryProcess) {
  EXPECT_EQ((key{child_family(parent, 1), 0}).str(), "014D2PF2DBQ46X4FR37KH09NGD.0");
}

TEST(Family, OfChildrenKeepsTheTimeOfTheTree) {
  const family_id children = child_family(parent, 1);
  EXPECT_EQ(time_of(children), time_of(parent.family));
  EXPECT_EQ(time_of(child_family({children, 7}, 3)), time_of(parent.family));
}

TEST(Family, DiffersByParentAndAttempt) {
  std::set<family_id> families;
  for (std::uint64_t index = 0; index < 1000; ++index) {
    for (std::uint32_t attempt = 1; attempt <= 5; ++attempt) {
      families.insert(child_family({parent.family, index}, attempt));
    }
  }
  families.insert(child_family({{parent.family.hi, parent.family.lo + 1}, 0}, 1));
  EXPECT_EQ(families.size(), 5001u);
}

TEST(CallDigest, IsTheSameInEveryProcess) { EXPECT_EQ(call_digest("fib", "\x91\x14"), 0xb76fd3b230b93915u); }

TEST(CallDigest, TellsFunctionsAndArgumentsApart) {
  std::set<std::uint64_t> digests;
  for (const auto& [function, arguments] :
       {std::pair{"fib", "1"}, {"fib", "2"}, {"fibo", "1"}, {"f", "ib1"}, {"fib1", ""}, {"", "fib1"}, {"", ""}}) {
    digests.insert(call_digest(function, arguments));
  }
  EXPECT_EQ(digests.size(), 7u);
}

}  // namespace
}  // namespace banyan::detail
