#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <random>
#include <tuple>
#include <vector>

#include <banyan/codec.hpp>

#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using namespace std::string_literals;
using test::thrown_by;
using testing::HasSubstr;

template <class T>
T there_and_back(const T& value) {
  return decode<T>(encode(value), "value");
}

struct point {
  int x = 0;
  std::optional<std::string> label;
  std::vector<double> weights;
  MSGPACK_DEFINE(x, label, weights)
  bool operator==(const point&) const = default;
};

error parse_error(std::string_view data, std::size_t max_depth = default_max_depth) {
  return thrown_by([&] {
    msgpack::zone zone(zone_chunk);
    parse_payload(data, zone, max_depth);
  });
}

TEST(Codec, ReadsBackWhatItWrote) {
  EXPECT_EQ(there_and_back(true), true);
  EXPECT_EQ(there_and_back(std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(there_and_back(~0ull), ~0ull);
  EXPECT_EQ(there_and_back(0.1), 0.1);
  EXPECT_EQ(there_and_back("nul \0 and \xFF"s), "nul \0 and \xFF"s);
  EXPECT_EQ(there_and_back(std::string(100'000, 'x')).size(), 100'000u);
  EXPECT_EQ(there_and_back(std::vector<std::string>{"a", "", "c"}), (std::vector<std::string>{"a", "", "c"}));
  EXPECT_EQ(there_and_back(std::map<std::string, int>{{"one", 1}}), (std::map<std::string, int>{{"one", 1}}));
  EXPECT_EQ(there_and_back(std::tuple(1, "two"s, 3.0)), std::tuple(1, "two"s, 3.0));
  EXPECT_EQ(there_and_back(std::optional<int>()), std::nullopt);
  EXPECT_EQ(there_and_back(point{3, "three", {0.5, 1}}), (point{3, "three", {0.5, 1}}));
}

TEST(Codec, WritesNothingAsNil) {
  EXPECT_EQ(encode(unit{}), "\xC0");
  EXPECT_NO_THROW(decode<unit>("\xC0", "value"));
  EXPECT_NO_THROW(decode<void>("\xC0", "value"));
}

TEST(Codec, NamesTheTypeWantedAndTheKindFound) {
  const auto mismatch = [](const bytes& data) { return thrown_by([&] { decode<int>(data, "the result of fib"); }); };
  EXPECT_EQ(mismatch(encode("x"s)).code(), errc::bad_payload);
  EXPECT_EQ(mismatch(encode("x"s)).message(), "the result of fib: cannot read a string as int");
  EXPECT_THAT(mismatch("\xC0"s).message(), HasSubstr("cannot read nil as int"));
  EXPECT_THAT(mismatch(encode(true)).message(), HasSubstr("a boolean"));
  EXPECT_THAT(mismatch(encode(1.5)).message(), HasSubstr("a float"));
  EXPECT_THAT(mismatch(encode(1ull << 40)).message(), HasSubstr("an integer"));
  EXPECT_THAT(mismatch(encode(-(1ll << 40))).message(), HasSubstr("a negative integer"));
  EXPECT_THAT(mismatch(encode(std::vector{1})).message(), HasSubstr("an array"));
  EXPECT_THAT(mismatch(encode(std::map<int, int>{})).message(), HasSubstr("a map"));
  EXPECT_THAT(mismatch("\xC4\x01x"s).message(), HasSubstr("binary data"));
  EXPECT_THAT(mismatch("\xD4\x01x"s).message(), HasSubstr("an extension value"));
}

TEST(Codec, RejectsAMismatchInsideAValue) {
  const bytes numbers = encode(std::vector{1, 2, 3});
  EXPECT_EQ(thrown_by([&] { decode<std::vector<std::string>>(numbers, "value"); }).code(), errc::bad_payload);
  EXPECT_EQ(thrown_by([&] { decode<point>(numbers, "value"); }).code(), errc::bad_payload);
}

TEST(Codec, RejectsEveryTruncation) {
  const bytes whole = encode(point{70'000, "label", {1, 2, 3}});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(parse_error(whole.substr(0, n)).code(), errc::bad_payload) << n;
  }
}

TEST(Codec, RejectsBytesAfterTheEnd) {
  const error e = parse_error(encode(1) + encode(2));
  EXPECT_EQ(e.code(), errc::bad_payload);
  EXPECT_EQ(e.message(), "payload has 1 bytes after its end");
}

TEST(Codec, RejectsSizesThatTheDataCannotHave) {
  for (const std::string& header : {"\xDD\xFF\xFF\xFF\xFF"s, "\xDF\xFF\xFF\xFF\xFF"s, "\xDB\xFF\xFF\xFF\xFF"s,
                                    "\xC6\xFF\xFF\xFF\xFF"s, "\xC9\xFF\xFF\xFF\xFF\x01"s, "\xDC\xFF\xFF"s}) {
    EXPECT_EQ(parse_error(header).code(), errc::bad_payload);
    EXPECT_EQ(parse_error(header + std::string(100, '\0')).code(), errc::bad_payload);
  }
}

TEST(Codec, AcceptsNestingUpToTheLimit) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '\x91') + '\xC0'; };
  msgpack::zone zone(zone_chunk);
  EXPECT_NO_THROW(parse_payload(nested(default_max_depth), zone, default_max_depth));
  for (const std::size_t levels : {default_max_depth + 1, std::size_t{1'000'000}}) {
    const error e = parse_error(nested(levels));
    EXPECT_EQ(e.code(), errc::bad_payload);
    EXPECT_EQ(e.message(), "payload nested deeper than 64 levels");
  }
}

TEST(Codec, SurvivesRandomBytes) {
  std::mt19937 random(11);
  for (int i = 0; i < 100'000; ++i) {
    std::string data(random() % 40, '\0');
    for (char& c : data) c = static_cast<char>(random());
    msgpack::zone zone(zone_chunk);
    try {
      parse_payload(data, zone, default_max_depth);
    } catch (const error& e) {
      ASSERT_EQ(e.code(), errc::bad_payload);
    }
  }
}

TEST(CheckPayload, AcceptsWhatIsWithinTheLimits) {
  const bytes payload = encode(std::string(1000, 'x'));
  EXPECT_NO_THROW(check_payload(payload, payload.size(), default_max_depth, "value"));
}

TEST(CheckPayload, NamesTheSizeAndTheLimitOfWhatIsTooLarge) {
  const bytes payload = encode(std::string(1000, 'x'));
  const error e = thrown_by([&] { check_payload(payload, 1002, default_max_depth, "argument 1 of fib"); });
  EXPECT_EQ(e.code(), errc::too_large);
  EXPECT_THAT(e.message(),
              HasSubstr("argument 1 of fib takes 1003 bytes, above the limit of 1002 (limits::max_payload)"));
}

TEST(CheckPayload, SaysWhoseValueIsTooDeep) {
  const error e = thrown_by([] { check_payload(std::string(100, '\x91') + '\xC0', 1000, 10, "the result of fib"); });
  EXPECT_EQ(e.code(), errc::bad_payload);
  EXPECT_EQ(e.message(), "the result of fib: payload nested deeper than 10 levels");
}

TEST(TypeName, IsReadable) {
  EXPECT_EQ(type_name(typeid(std::vector<int>).name()), "std::vector<int, std::allocator<int> >");
  EXPECT_EQ(type_name("not a mangled name"), "not a mangled name");
}

}  // namespace
}  // namespace banyan::detail
