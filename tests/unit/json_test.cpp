#include <limits>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "messages/json.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using namespace std::string_literals;
using nlohmann::json;
using test::thrown_by;
using testing::HasSubstr;
using testing::StartsWith;

template <class T>
std::string shown(const T& value) {
  return payload_to_json(encode(value));
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(PayloadAsJson, ShowsPlainValues) {
  EXPECT_EQ(shown(42), "42");
  EXPECT_EQ(shown(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(shown(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(shown(true), "true");
  EXPECT_EQ(shown("a \"b\" \\"s), R"("a \"b\" \\")");
  EXPECT_EQ(shown(unit{}), "null");
  EXPECT_EQ(shown(std::vector<std::vector<int>>{{1, 2}, {}}), "[[1,2],[]]");
  EXPECT_EQ(shown(std::map<std::string, int>{{"a", 1}, {"b", 2}}), R"({"a":1,"b":2})");
}

TEST(PayloadAsJson, ShowsFloatsShortestAndAsFloats) {
  EXPECT_EQ(shown(0.1), "0.1");
  EXPECT_EQ(shown(0.1f), "0.1");
  EXPECT_EQ(shown(1e300), "1e+300");
  EXPECT_EQ(payload_to_json("\xCA\x40\x00\x00\x00"s), "2.0");
}

TEST(PayloadAsJson, ShowsWhatJsonHasNoNumberForAsStrings) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(shown(std::vector<double>{infinity, -infinity}), R"(["Infinity","-Infinity"])");
  EXPECT_EQ(shown(std::numeric_limits<double>::quiet_NaN()), R"("NaN")");
  EXPECT_EQ(shown(std::numeric_limits<float>::quiet_NaN()), R"("NaN")");
}

TEST(PayloadAsJson, ShowsBinaryDataAndExtensionsInBase64) {
  EXPECT_EQ(shown(std::vector<unsigned char>{}), R"({"$binary":""})");
  EXPECT_EQ(shown(std::vector<unsigned char>{0}), R"({"$binary":"AA=="})");
  EXPECT_EQ(shown(std::vector<unsigned char>{0, 1, 255}), R"({"$binary":"AAH/"})");
  EXPECT_EQ(payload_to_json("\xD4\xFE\x01"s), R"({"$ext":-2,"data":"AQ=="})");
}

TEST(PayloadAsJson, ShowsMapKeysThatAreNoStringsAsText) {
  EXPECT_EQ(shown(std::map<int, int>{{-1, 2}}), R"({"-1":2})");
  EXPECT_EQ(shown(std::map<std::vector<int>, bool>{{{1, 2}, true}}), R"({"[1,2]":true})");
}

TEST(PayloadAsJson, EscapesWhatATerminalWouldObey) {
  EXPECT_EQ(shown("\x1B[2J\n\x7F\xC2\x9B\xE2\x80\xAE"s), R"("\u001b[2J\n\u007f\u009b\u202e")");
  EXPECT_EQ(shown("\0"s), R"("\u0000")");
  EXPECT_EQ(shown("naïve 日本 🌳"s), "\"naïve 日本 🌳\"");
}

TEST(PayloadAsJson, ReplacesMalformedUtf8) {
  EXPECT_EQ(shown("a\xFF"
                  "b"s),
            "\"a\uFFFDb\"");
  EXPECT_EQ(shown("\xE2\x82"s), "\"\uFFFD\"");
  EXPECT_EQ(shown("\xC0\xAF"s), "\"\uFFFD\uFFFD\"");
  EXPECT_EQ(shown("\xED\xA0\x80"s), "\"\uFFFD\uFFFD\uFFFD\"");
}

TEST(PayloadAsJson, ShowsBytesThatAreNoValue) {
  for (const std::string& payload : {""s, "\xC1"s, "\x01\x02"s, "\xDD\xFF\xFF\xFF\xFF"s, std::string(1000, '\x91')}) {
    const json shown_as = json::parse(payload_to_json(payload));
    EXPECT_EQ(shown_as.at("$undecodable"), base64(payload));
    EXPECT_THAT(shown_as.at("why").get<std::string>(), StartsWith("payload"));
  }
}

TEST(PayloadAsJson, IsAlwaysWellFormed) {
  std::uint32_t state = 7;
  for (int round = 0; round < 20'000; ++round) {
    std::string payload(1 + round % 40, '\0');
    for (char& c : payload) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    EXPECT_TRUE(json::accept(payload_to_json(payload))) << base64(payload);
  }
}

TEST(JsonWriter, WritesDeepTextWithoutTheStack) {
  json_writer out;
  for (int i = 0; i < 100'000; ++i) out.begin_array();
  for (int i = 0; i < 100'000; ++i) out.end_array();
  EXPECT_EQ(out.take(), nested(100'000));
  EXPECT_EQ(out.text(), "");
}

TEST(JsonAsPayload, KeepsValues) {
  for (const char* text : {"42", "-1", "18446744073709551615", "-9223372036854775808", "1.5", "-1e-07", "true", "null",
                           R"("text")", "[]", "{}", R"({"a":[1,{"b":null}],"c":"d"})", "[[],[[]],{}]"}) {
    EXPECT_EQ(payload_to_json(json_to_payload(text)), text);
  }
  EXPECT_EQ(payload_to_json(json_to_payload(" [ 1 ,\n 25e-1 ] ")), "[1,2.5]");
}

TEST(JsonAsPayload, EncodesAsTheLibraryDoes) {
  EXPECT_EQ(json_to_payload("[1,2,3]"), encode(std::vector<int>{1, 2, 3}));
  EXPECT_EQ(json_to_payload(R"({"a":-300})"), encode(std::map<std::string, int>{{"a", -300}}));
  EXPECT_EQ(json_to_payload("0.25"), encode(0.25));
  EXPECT_EQ(json_to_payload("2.0"), encode(2.0));
}

TEST(JsonAsPayload, SaysWhereTheTextIsMalformed) {
  const error e = thrown_by([] { json_to_payload("{\"a\": 1,\n \"b\": ]}"); });
  EXPECT_EQ(e.code(), errc::bad_payload);
  EXPECT_THAT(e.message(), StartsWith("malformed JSON: parse error at line 2, column 7"));
  for (const char* text : {"", "[", "1 2", "nul", "{1:2}", "\"\xFF\"", "1e999", "'a'", "[1,]"}) {
    EXPECT_EQ(thrown_by([&] { json_to_payload(text); }).code(), errc::bad_payload) << text;
  }
}

TEST(JsonAsPayload, RefusesWhatAValueCannotHold) {
  EXPECT_THAT(thrown_by([] { json_to_payload("[18446744073709551616]"); }).message(),
              HasSubstr("18446744073709551616 takes more than 64 bits"));
  EXPECT_THAT(thrown_by([] { json_to_payload(R"({"a":1,"a":2})"); }).message(), HasSubstr(R"("a" occurs twice)"));
}

TEST(JsonAsPayload, TakesWhatPayloadsMayNestAndNoMore) {
  EXPECT_EQ(payload_to_json(json_to_payload(nested(default_max_depth))), nested(default_max_depth));
  EXPECT_THAT(thrown_by([] { json_to_payload(nested(default_max_depth + 1)); }).message(), HasSubstr("deeper than 64"));
  EXPECT_THAT(thrown_by([] { json_to_payload(std::string(1'000'000, '[')); }).message(), HasSubstr("deeper than 64"));
}

}  // namespace
}  // namespace banyan::detail
