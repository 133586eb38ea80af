#include <gmock/gmock.h>

#include <random>
#include <sstream>
#include <unordered_set>

#include <banyan/codec.hpp>
#include <banyan/key.hpp>

#include "tests/unit/thrown.hpp"

namespace banyan {
namespace {

using test::thrown_by;
using testing::HasSubstr;
using testing::Not;

const std::string sample_family = "014D2PF2DBSQQZXQ5TK1V58CGG";
const key sample{{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 42};

TEST(Key, HasAKnownTextForm) {
  EXPECT_EQ(key{}.str(), "00000000000000000000000000.0");
  EXPECT_EQ(sample.str(), sample_family + ".42");
  EXPECT_EQ((key{{~0ull, ~0ull}, ~0ull}).str(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ.18446744073709551615");
}

TEST(Key, ReadsBackItsTextForm) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 10000; ++i) {
    const key k{{random(), random()}, random() >> (i % 64)};
    ASSERT_EQ(key::parse(k.str()), k) << k;
  }
  EXPECT_EQ(key::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ.18446744073709551615"), (key{{~0ull, ~0ull}, ~0ull}));
}

TEST(Key, IsReadInEitherCase) {
  std::string lower = sample.str();
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_EQ(key::parse(lower), sample);
}

TEST(Key, TakesLettersThatLookLikeDigitsForDigits) {
  EXPECT_EQ(key::parse("oOiIlL00000000000000000000.1"), key::parse("00111100000000000000000000.1"));
}

TEST(Key, SortsAsItsTextDoes) {
  std::mt19937_64 random(8);
  for (int i = 0; i < 1000; ++i) {
    const key a{{random(), random()}, 5};
    const key b{{i % 2 ? a.family.hi : random(), random()}, 5};
    ASSERT_EQ(a < b, a.str() < b.str()) << a << ' ' << b;
  }
}

TEST(Key, IsPrintedAsItsText) {
  std::ostringstream out;
  out << sample;
  EXPECT_EQ(out.str(), sample.str());
}

TEST(Key, HashesKeysOfOneFamilyApart) {
  std::unordered_set<std::size_t> hashes;
  for (std::uint64_t i = 0; i < 10000; ++i) hashes.insert(std::hash<key>{}({sample.family, i}));
  EXPECT_EQ(hashes.size(), 10000u);
  EXPECT_EQ(std::hash<key>{}(sample), std::hash<key>{}(key::parse(sample.str())));
}

struct malformed {
  std::string text;
  std::string reason;
};

class MalformedKey : public testing::TestWithParam<malformed> {};

TEST_P(MalformedKey, IsRejectedWithTheReason) {
  const error e = thrown_by([] { key::parse(GetParam().text); });
  EXPECT_EQ(e.code(), errc::bad_key);
  EXPECT_THAT(e.message(), HasSubstr(GetParam().reason));
  EXPECT_THAT(e.message(), HasSubstr("a key is 26 characters of base32, a dot and a number"));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MalformedKey,
    testing::Values(malformed{"", "too short"}, malformed{"hello", "too short"}, malformed{sample_family, "too short"},
                    malformed{sample_family + ".", "too short"},
                    malformed{sample_family + "00.1", "no dot after the 26th character"},
                    malformed{sample_family.substr(1) + ".12", "no dot after the 26th character"},
                    malformed{"8" + sample_family.substr(1) + ".1", "above 128 bits"},
                    malformed{"U" + sample_family.substr(1) + ".1", "character 1 is not base32"},
                    malformed{"014D2PF2DBSQQZXQ5TK1V58CG*.1", "character 26 is not base32"},
                    malformed{"014D2\xC3\xA9"
                              "F2DBSQQZXQ5TK1V58CG.1",
                              "character 6 is not base32"},
                    malformed{sample_family + ".x", "not a number"}, malformed{sample_family + ".-1", "not a number"},
                    malformed{sample_family + ".+1", "not a number"}, malformed{sample_family + ". 1", "not a number"},
                    malformed{sample_family + ".1 ", "not a number"}, malformed{sample_family + ".1.2", "not a number"},
                    malformed{sample_family + ".0x10", "not a number"},
                    malformed{sample_family + ".18446744073709551616", "not a number"},
                    malformed{sample_family + ".1" + std::string(1, '\0'), "not a number"}));

TEST(Key, QuotesAMalformedTextWithoutItsControlCharacters) {
  const error e = thrown_by([] { key::parse("\x1b[31mred\n"); });
  EXPECT_THAT(e.message(), HasSubstr("'?[31mred?'"));
}

TEST(Key, QuotesOnlyTheStartOfALongText) {
  const error e = thrown_by([] { key::parse(std::string(1'000'000, 'z')); });
  EXPECT_THAT(e.message(), HasSubstr("zzz...'"));
  EXPECT_LT(e.message().size(), 300u);
}

TEST(Key, TravelsAsItsText) {
  const bytes encoded = detail::encode(sample);
  EXPECT_EQ(detail::decode<std::string>(encoded, "key"), sample.str());
  EXPECT_EQ(detail::decode<key>(encoded, "key"), sample);
}

TEST(Key, IsRejectedWhenItArrivesMalformed) {
  EXPECT_EQ(thrown_by([] { detail::decode<key>(detail::encode(std::string("nonsense")), "key"); }).code(),
            errc::bad_key);
  EXPECT_EQ(thrown_by([] { detail::decode<key>(detail::encode(17), "key"); }).code(), errc::bad_payload);
}

}  // namespace
}  // namespace banyan
