#include <gmock/gmock.h>

#include <set>

#include <banyan/error.hpp>
#include <banyan/status.hpp>

namespace banyan {
namespace {

const key origin{{1, 2}, 3};

TEST(Error, SaysItsMessageAndWhereItArose) {
  const error e({errc::failed, "disk on fire", "burn", origin});
  EXPECT_STREQ(e.what(), ("disk on fire (in burn " + origin.str() + ")").c_str());
  EXPECT_EQ(e.message(), "disk on fire");
  EXPECT_EQ(e.function(), "burn");
  EXPECT_EQ(e.origin(), origin);
}

TEST(Error, SaysWhatItKnowsOfItsOrigin) {
  EXPECT_STREQ(error(errc::bad_url, "no scheme").what(), "no scheme");
  EXPECT_STREQ(error({errc::failed, "oops", "burn", {}}).what(), "oops (in burn)");
  EXPECT_STREQ(error({errc::failed, "oops", "", origin}).what(), ("oops (in future " + origin.str() + ")").c_str());
}

TEST(Error, HasANameForEachCode) {
  std::set<std::string_view> names;
  for (int code = 1; code <= static_cast<int>(errc::corrupt_record); ++code) {
    names.insert(to_string(static_cast<errc>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(errc::corrupt_record));
  EXPECT_FALSE(names.contains("unknown"));
  EXPECT_EQ(to_string(static_cast<errc>(250)), "unknown");
}

TEST(Error, IsThrownAsTheClassThatFitsItsCode) {
  EXPECT_THROW(throw_error({errc::cancelled, "stop", "", {}}), cancelled);
  EXPECT_THROW(throw_error({errc::timeout, "late", "", {}}), timeout);
  EXPECT_THROW(throw_error({errc::failed, "oops", "", {}}), failure);
  EXPECT_THROW(throw_error({errc::crash_loop, "again", "", {}}), failure);
}

TEST(Error, KeepsItsOriginWhenItIsThrownAgain) {
  try {
    throw_error({errc::permanent, "no such bucket", "upload", origin});
  } catch (const failure& e) {
    EXPECT_EQ(e.code(), errc::permanent);
    EXPECT_EQ(e.function(), "upload");
    EXPECT_EQ(e.origin(), origin);
  }
}

TEST(Error, ATimeoutIsAFailureAndACancellationIsNone) {
  EXPECT_THROW(throw timeout("late"), failure);
  EXPECT_FALSE((std::is_base_of_v<failure, cancelled>));
  EXPECT_EQ(timeout("late").code(), errc::timeout);
  EXPECT_EQ(cancelled().code(), errc::cancelled);
  EXPECT_EQ(permanent_failure("never").code(), errc::permanent);
}

TEST(Status, IsFinalOnceThereIsAResult) {
  for (const status s : {status::pending, status::running, status::waiting}) EXPECT_FALSE(is_final(s)) << s;
  for (const status s : {status::success, status::failure, status::cancelled}) EXPECT_TRUE(is_final(s)) << s;
}

TEST(Status, HasANameForEachValue) {
  std::set<std::string_view> names;
  for (int s = 0; s <= 5; ++s) names.insert(to_string(static_cast<status>(s)));
  EXPECT_EQ(names.size(), 6u);
  EXPECT_EQ(to_string(static_cast<status>(9)), "unknown");
}

TEST(Progress, IsAFractionFromZeroToOne) {
  EXPECT_EQ((progress{0, 3, 12}).fraction(), 0.25);
  EXPECT_EQ((progress{0, 13, 12}).fraction(), 1);
  EXPECT_EQ((progress{0, -1, 12}).fraction(), 0);
  EXPECT_EQ((progress{0, 5, 0}).fraction(), 0);
  EXPECT_EQ((progress{0, 5, std::numeric_limits<double>::quiet_NaN()}).fraction(), 0);
}

}  // namespace
}  // namespace banyan
