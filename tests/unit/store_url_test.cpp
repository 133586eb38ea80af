#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "persistence/store.hpp"
#include "persistence/url.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::store_url;
using testing::HasSubstr;

std::string complaint(std::string_view url, detail::open_mode mode = detail::open_mode::drive) {
  const error e = thrown_by([&] { detail::open_store(url, mode, "a test"); });
  EXPECT_EQ(e.code(), errc::bad_url) << url;
  return e.what();
}

TEST(StoreUrl, has_a_scheme_a_path_and_options) {
  store_url url = store_url::parse("sqlite:/var/lib/my jobs.db?synchronous=full&busy_timeout=250");
  EXPECT_EQ(url.scheme(), "sqlite");
  EXPECT_EQ(url.path(), "/var/lib/my jobs.db");
  EXPECT_EQ(url.take_choice("synchronous", {"normal", "full"}), 1u);
  EXPECT_EQ(url.take_number("busy_timeout", 1000), 250u);
  EXPECT_EQ(url.take("busy_timeout"), std::nullopt);
  url.expect_no_options("");
}

TEST(StoreUrl, takes_no_part_of_a_path_for_anything_else) {
  EXPECT_EQ(store_url::parse("sqlite:a:b&c=d%20e#f").path(), "a:b&c=d%20e#f");
}

TEST(StoreUrl, without_a_scheme_is_refused) {
  EXPECT_THAT(complaint(""), HasSubstr("it is empty"));
  EXPECT_THAT(complaint("jobs.db"), HasSubstr("there is no scheme"));
  EXPECT_THAT(complaint(":jobs.db"), HasSubstr("its scheme is empty"));
  EXPECT_THAT(complaint(std::string_view("sqlite:a\0b", 10)), HasSubstr("zero byte"));
}

TEST(StoreUrl, every_complaint_lists_the_known_forms) {
  EXPECT_THAT(complaint("jobs.db"), HasSubstr("known are memory:, sqlite:PATH"));
}

TEST(StoreUrl, with_an_unknown_scheme_is_refused_without_telling_its_secrets) {
  const std::string text = complaint("mysql://user:secret@host/db");
  EXPECT_THAT(text, HasSubstr("unknown scheme mysql:"));
  EXPECT_THAT(text, testing::Not(HasSubstr("secret")));
  EXPECT_THAT(complaint("fault+mysql:x"), HasSubstr("unknown scheme mysql:"));
  EXPECT_THAT(complaint("fault+:x"), HasSubstr("unknown scheme"));
  EXPECT_THAT(complaint("SQLITE:x"), HasSubstr("unknown scheme SQLITE:"));
}

TEST(StoreUrl, with_a_bad_option_is_refused) {
  EXPECT_THAT(complaint("sqlite:x?sync=full"),
              HasSubstr("unknown option sync (sqlite: has synchronous, busy_timeout)"));
  EXPECT_THAT(complaint("sqlite:x?synchronous=off"), HasSubstr("option synchronous=off is not normal or full"));
  EXPECT_THAT(complaint("sqlite:x?busy_timeout=soon"),
              HasSubstr("busy_timeout=soon is not a number from 0 to 3600000"));
  EXPECT_THAT(complaint("sqlite:x?busy_timeout=-1"), HasSubstr("is not a number"));
  EXPECT_THAT(complaint("sqlite:x?busy_timeout="), HasSubstr("is not a number"));
  EXPECT_THAT(complaint("sqlite:x?busy_timeout=99999999999999999999"), HasSubstr("is not a number"));
  EXPECT_THAT(complaint("sqlite:x?busy_timeout"), HasSubstr("option busy_timeout has no value"));
  EXPECT_THAT(complaint("sqlite:x?=1"), HasSubstr("an option has no name"));
  EXPECT_THAT(complaint("sqlite:x?"), HasSubstr("an option has no name"));
  EXPECT_THAT(complaint("sqlite:x?busy_timeout=1&busy_timeout=2"), HasSubstr("busy_timeout is given twice"));
  EXPECT_THAT(complaint("sqlite:x?crash_after=1"), HasSubstr("unknown option crash_after"));
  EXPECT_THAT(complaint("memory:?size=1"), HasSubstr("unknown option size (memory: has none)"));
}

TEST(StoreUrl, with_a_bad_path_is_refused) {
  EXPECT_THAT(complaint("sqlite:"), HasSubstr("needs the path of a file"));
  EXPECT_THAT(complaint("sqlite:?synchronous=full"), HasSubstr("needs the path of a file"));
  EXPECT_THAT(complaint("sqlite::memory:"), HasSubstr("write memory:"));
  EXPECT_THAT(complaint("sqlite://jobs.db"), HasSubstr("after sqlite: comes a path"));
  EXPECT_THAT(complaint("memory:x"), HasSubstr("takes no path"));
}

TEST(StoreUrl, with_a_bad_fault_is_refused) {
  EXPECT_THAT(complaint("fault+memory:?crash_after=x"), HasSubstr("crash_after=x is not a number"));
  EXPECT_THAT(complaint("fault+memory:?fail_rate=1.5"), HasSubstr("fail_rate=1.5 is not a share from 0 to 1"));
  EXPECT_THAT(complaint("fault+memory:?fail_rate=nan"), HasSubstr("is not a share"));
  EXPECT_THAT(complaint("fault+memory:?explode=1"), HasSubstr("unknown option explode"));
}

TEST(StoreUrl, memory_cannot_be_opened_from_elsewhere) {
  for (const auto mode : {detail::open_mode::read, detail::open_mode::outside}) {
    const error e = thrown_by([&] { detail::open_store("memory:", mode, ""); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_THAT(e.what(), HasSubstr("lives in the process that drives it"));
  }
}

}  // namespace
}  // namespace banyan::test
