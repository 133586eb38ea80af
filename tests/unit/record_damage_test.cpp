#include <gmock/gmock.h>

#include <random>

#include "messages/record.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::detail {
namespace {

using namespace std::string_literals;
using test::thrown_by;
using testing::HasSubstr;

const key sample{{0x0123456789ABCDEF, 0xFEDCBA9876543210}, 42};

/// A record and how it is read.
struct specimen {
  const char* name;
  bytes data;
  void (*read)(std::string_view);
};

void PrintTo(const specimen& s, std::ostream* out) { *out << s.name; }

void read_entry(std::string_view data) { decode_entry(data); }
void read_result(std::string_view data) { decode_result(data); }
void read_gauge(std::string_view data) { decode_gauge(data); }
void read_error(std::string_view data) { decode_error(data); }
void read_header(std::string_view data) { decode_header(data); }

std::vector<specimen> specimens() {
  auto opts = std::make_shared<options>();
  opts->name = "label";
  opts->weight = 2.5;
  opts->timeout = std::chrono::minutes(1);
  opts->keep = keep::failed;
  const error_info failure{errc::failed, "disk on fire", "burn", sample};
  const millis now = 1'750'000'000'123;
  return {
      {"call", encode_spec({.function = "fib", .arguments = "\x92\x14\x01", .created = now, .start_at = now}),
       read_entry},
      {"versioned_call", encode_spec({.function = "fib", .version = 300, .arguments = "\x90"}), read_entry},
      {"signal", encode_signal({sample, "go", "an id", encode("value"s)}), read_entry},
      {"retried_call", encode_spec({.function = "fib", .arguments = "\x90", .replaces = sample, .opts = opts}),
       read_entry},
      {"promise", encode_spec({.kind = entry_kind::promise, .function = "approval", .created = now}), read_entry},
      {"step", encode_step({step_kind::run, "send", encode("answer"s)}), read_entry},
      {"success", encode_result({.value = encode(17), .started = now, .finished = now}), read_result},
      {"failure", encode_result({.outcome = status::failure, .failure = failure, .settled = true}), read_result},
      {"gauge", encode_gauge({.status = status::running, .started = now, .parked = "why"}), read_gauge},
      {"attempt", encode_error(failure), read_error},
      {"header", encode_header({sample, 3, 2}), read_header},
  };
}

class Damaged : public testing::TestWithParam<specimen> {
 protected:
  error reject(const bytes& data) {
    return thrown_by([&] { GetParam().read(data); });
  }

  /// Damage may go unnoticed here, or it is named. There is no third way.
  void read_or_reject(const bytes& data) {
    try {
      GetParam().read(data);
    } catch (const error& e) {
      EXPECT_TRUE(e.code() == errc::corrupt_record || e.code() == errc::store_too_new) << e.what();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Each, Damaged, testing::ValuesIn(specimens()),
                         [](const auto& damaged) { return damaged.param.name; });

TEST_P(Damaged, IsReadWhole) { EXPECT_NO_THROW(GetParam().read(GetParam().data)); }

TEST_P(Damaged, IsRejectedAtEveryTruncation) {
  for (std::size_t n = 0; n < GetParam().data.size(); ++n) {
    EXPECT_EQ(reject(GetParam().data.substr(0, n)).code(), errc::corrupt_record) << n;
  }
}

TEST_P(Damaged, IsReadOrRejectedWithAnyOneByteChanged) {
  for (std::size_t i = 0; i < GetParam().data.size(); ++i) {
    for (int value = 0; value < 256; ++value) {
      bytes data = GetParam().data;
      data[i] = static_cast<char>(value);
      read_or_reject(data);
    }
  }
}

TEST_P(Damaged, IsReadOrRejectedWithSeveralBytesChanged) {
  std::mt19937 random(13);
  for (int round = 0; round < 20'000; ++round) {
    bytes data = GetParam().data;
    for (unsigned n = 2 + random() % 6; n > 0; --n) data[random() % data.size()] = static_cast<char>(random());
    read_or_reject(data);
  }
}

TEST_P(Damaged, IsRejectedWithBytesAfterItsEnd) {
  const error e = reject(GetParam().data + '\xC0');
  EXPECT_EQ(e.code(), errc::corrupt_record);
  EXPECT_THAT(e.message(), HasSubstr("1 bytes after its end"));
}

TEST_P(Damaged, IsRejectedWhenANewerProgramWroteIt) {
  bytes data = GetParam().data;
  ASSERT_EQ(data[1], '\x01') << "the format version";
  data[1] = '\x02';
  const error e = reject(data);
  EXPECT_EQ(e.code(), errc::store_too_new);
  EXPECT_THAT(e.message(), HasSubstr("of version 2; this program reads up to version 1: use a newer Banyan"));
}

TEST_P(Damaged, IsRejectedWhenItIsSomethingElse) {
  for (const bytes& data :
       {""s, "\xC0"s, "text"s, "\x80"s, "\x90"s, "\x91\x01"s, "\x91\xC0"s, std::string(1000, '\0')}) {
    EXPECT_EQ(reject(data).code(), errc::corrupt_record);
  }
}

TEST_P(Damaged, IsRejectedWhenItClaimsFourBillionElements) {
  EXPECT_EQ(reject("\xDD\xFF\xFF\xFF\xFF"s).code(), errc::corrupt_record);
  EXPECT_EQ(reject("\xDD\xFF\xFF\xFF\xFF"s + GetParam().data).code(), errc::corrupt_record);
}

TEST_P(Damaged, IsRejectedWhenItIsNestedTooDeeply) {
  const error e = reject(std::string(100'000, '\x91') + '\xC0');
  EXPECT_EQ(e.code(), errc::corrupt_record);
  EXPECT_THAT(e.message(), HasSubstr("nested deeper than 8 levels"));
}

}  // namespace
}  // namespace banyan::detail
