#include <gmock/gmock.h>

#include "messages/record.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using namespace std::string_literals;
using test::thrown_by;
using testing::HasSubstr;

const key sample{{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 42};
const bytes binary = "\x00\x91\xFF\n\0"s;

void expect_same(const error_info& a, const error_info& b) {
  EXPECT_EQ(a.code, b.code);
  EXPECT_EQ(a.message, b.message);
  EXPECT_EQ(a.function, b.function);
  EXPECT_EQ(a.origin, b.origin);
}

void expect_same(const progress& a, const progress& b) {
  EXPECT_EQ(a.local, b.local);
  EXPECT_EQ(a.calculated, b.calculated);
  EXPECT_EQ(a.weight, b.weight);
}

void expect_survives(const result_record& written) {
  const result_record read = decode_result(encode_result(written));
  EXPECT_EQ(read.outcome, written.outcome);
  EXPECT_EQ(read.value, written.value);
  expect_same(read.failure, written.failure);
  EXPECT_EQ(read.settled, written.settled);
  EXPECT_EQ(read.started, written.started);
  EXPECT_EQ(read.finished, written.finished);
  EXPECT_EQ(read.attempts, written.attempts);
  expect_same(read.gauge, written.gauge);
}

void expect_survives(const gauge_record& written) {
  const gauge_record read = decode_gauge(encode_gauge(written));
  EXPECT_EQ(read.status, written.status);
  expect_same(read.gauge, written.gauge);
  EXPECT_EQ(read.started, written.started);
  EXPECT_EQ(read.updated, written.updated);
  EXPECT_EQ(read.settled, written.settled);
  EXPECT_EQ(read.parked, written.parked);
}

void expect_survives(const spec_record& written) {
  const entry read = decode_entry(encode_spec(written));
  EXPECT_EQ(read.kind, written.kind);
  EXPECT_EQ(read.spec.kind, written.kind);
  EXPECT_EQ(read.spec.function, written.function);
  EXPECT_EQ(read.spec.version, written.version);
  EXPECT_EQ(read.spec.arguments, written.arguments);
  EXPECT_EQ(read.spec.created, written.created);
  EXPECT_EQ(read.spec.start_at, written.start_at);
  EXPECT_EQ(read.spec.replaces, written.replaces);
  EXPECT_EQ(read.spec.opts == nullptr, written.opts == nullptr);
}

TEST(SpecRecord, OfACallSurvives) {
  expect_survives(spec_record{});
  expect_survives(
      spec_record{.function = "fib", .arguments = binary, .created = 1'750'000'000'123, .start_at = 1'750'000'060'000});
  expect_survives(spec_record{.function = "naïve name",
                              .arguments = bytes(100'000, '\xC0'),
                              .created = -1,
                              .start_at = 1,
                              .replaces = sample,
                              .opts = std::make_shared<options>()});
}

TEST(SpecRecord, KeepsTheVersionOfTheFunction) {
  expect_survives(spec_record{.function = "fib", .version = 7, .arguments = "\x90"});
  expect_survives(spec_record{.function = "fib", .version = any_version, .arguments = "\x90"});
  const family_header begun{sample, 3, 17, 4};
  EXPECT_EQ(decode_header(encode_header(begun)).version, 4u);
}

TEST(SpecRecord, OfAForkSurvives) {
  expect_survives(spec_record{.function = "fib", .arguments = "\x90", .replaces = predecessor(sample, key{{3, 4}, 5})});
}

TEST(SpecRecord, OfAPromiseSurvives) {
  expect_survives(spec_record{.kind = entry_kind::promise, .function = "approval", .created = 1'750'000'000'123});
}

TEST(SignalRecord, Survives) {
  const signal_record written{sample, "go", "an id", binary};
  const entry read = decode_entry(encode_signal(written));
  EXPECT_EQ(read.kind, entry_kind::signal);
  EXPECT_EQ(read.signal.to, written.to);
  EXPECT_EQ(read.signal.name, written.name);
  EXPECT_EQ(read.signal.id, written.id);
  EXPECT_EQ(read.signal.value, written.value);
}

TEST(StepRecord, OfEachKindSurvives) {
  for (int kind = 0; kind <= 6; ++kind) {
    const step_record written{static_cast<step_kind>(kind), "step " + std::to_string(kind), binary};
    const entry read = decode_entry(encode_step(written));
    EXPECT_EQ(read.kind, entry_kind::step);
    EXPECT_EQ(read.step.kind, written.kind);
    EXPECT_EQ(read.step.name, written.name);
    EXPECT_EQ(read.step.answer, written.answer);
    EXPECT_NE(to_string(written.kind), "unknown step");
  }
}

TEST(ResultRecord, OfASuccessSurvives) {
  expect_survives(result_record{});
  expect_survives(result_record{.outcome = status::success,
                                .value = binary,
                                .settled = true,
                                .started = 1,
                                .finished = 2,
                                .attempts = 3,
                                .gauge = {0.5, 1.5, 2.5}});
}

TEST(ResultRecord, OfAFailureSurvives) {
  expect_survives(result_record{.outcome = status::failure, .failure = {errc::permanent, "no", "upload", sample}});
  expect_survives(result_record{.outcome = status::cancelled, .failure = {errc::cancelled, "", "", {}}});
}

TEST(ResultRecord, IsCorruptWhenItsOutcomeIsNotFinal) {
  for (const status s : {status::pending, status::running, status::waiting}) {
    const bytes data = encode_result({.outcome = s, .failure = {errc::failed, "", "", {}}});
    const error e = thrown_by([&] { decode_result(data); });
    EXPECT_EQ(e.code(), errc::corrupt_record);
    EXPECT_THAT(e.message(), HasSubstr("corrupt result record: outcome is not final"));
  }
}

TEST(GaugeRecord, Survives) {
  expect_survives(gauge_record{});
  for (int s = 0; s <= 5; ++s) {
    expect_survives(gauge_record{.status = static_cast<status>(s),
                                 .gauge = {1e300, -0.0, 1e-300},
                                 .started = 1,
                                 .updated = 2,
                                 .settled = s > 2,
                                 .parked = "no function 'fib' in this program"});
  }
}

TEST(AttemptRecord, Survives) {
  for (int code = 1; code <= static_cast<int>(errc::corrupt_record); ++code) {
    const error_info written{static_cast<errc>(code), "what went wrong", code % 2 ? "fib" : "",
                             code % 3 ? std::optional(sample) : std::nullopt};
    expect_same(decode_error(encode_error(written)), written);
  }
}

TEST(FamilyHeader, Survives) {
  const family_header read = decode_header(encode_header({sample, 3, 17}));
  EXPECT_EQ(read.parent, sample);
  EXPECT_EQ(read.attempt, 3u);
  EXPECT_EQ(read.level, 17u);
}

TEST(Record, KeepsItsLayout) {
  EXPECT_EQ(encode_step({step_kind::run, "r", "\x01"}), "\x95\x01\x01\x00\xA1r\xC4\x01\x01"s);
  EXPECT_EQ(encode_spec({.function = "f", .arguments = "\x90", .created = 5}),
            "\x98\x01\x00\xA1"
            "f\xC4\x01\x90\x05\x00\xC0\xC0"s);
  EXPECT_EQ(encode_error({errc::timeout, "m", "", {}}), "\x92\x01\x94\x04\xA1m\xA0\xC0"s);
}

TEST(Record, IsReadWhenALaterProgramAppendedFields) {
  bytes data = encode_step({step_kind::now, "n", "\x01"});
  ASSERT_EQ(data[0], '\x95');
  data[0] = '\x96';
  EXPECT_EQ(decode_entry(data + "\xA5later").step.name, "n");
}

TEST(Record, SaysWhichFieldOfWhichRecordIsWrong) {
  const auto message = [](const bytes& data) { return thrown_by([&] { decode_entry(data); }).message(); };
  EXPECT_EQ(message("\x95\x01\x01\x00\x07\xC4\x01\x01"s), "corrupt spec record: step name has the wrong type");
  EXPECT_EQ(message("\x93\x01\x01\x00"s), "corrupt spec record: step name is missing");
  EXPECT_EQ(message("\x95\x01\x01\x08\xA1r\xC4\x01\x01"s),
            "corrupt spec record: step kind is not a number in its range");
  EXPECT_EQ(message("\x92\x01\x04"s), "corrupt spec record: kind is not a number in its range");
  EXPECT_EQ(message("\x2A"s), "corrupt spec record: not an array");
  EXPECT_EQ(message("\x90"s), "corrupt spec record: version is missing");
  EXPECT_THAT(thrown_by([] { decode_header("\x94\x01\xA1x\x01\x01"s); }).message(),
              HasSubstr("corrupt family header record: parent: malformed key 'x'"));
}

}  // namespace
}  // namespace banyan::detail
