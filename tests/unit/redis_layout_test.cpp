#include "persistence/redis_layout.hpp"

#include <gtest/gtest.h>

#include "persistence/redis_error.hpp"
#include "persistence/redis_servers.hpp"

namespace banyan::test {
namespace {

using detail::redis_field;
using detail::redis_layout;
using detail::redis_redirect;
using detail::redis_slot;

constexpr std::uint64_t highest = ~std::uint64_t{0};

TEST(RedisLayout, a_familys_key_has_a_place_of_its_own_and_the_lists_share_one) {
  const redis_layout l("jobs", "me");
  const family_id family{1, 2};
  EXPECT_EQ(l.family(family), "jobs:{0000000000000G000000000002}");
  EXPECT_EQ(detail::family_in(detail::family_text(family)), family);
  for (const std::string& name :
       {l.layout, l.settled, l.drivers, l.driven("a"), l.notices("b"), l.taken(""), l.lease("c")}) {
    EXPECT_EQ(redis_slot(name), redis_slot(l.created)) << name;
  }
}

TEST(RedisLayout, fields_are_read_back) {
  using what = redis_field::what;
  const std::vector<std::pair<redis_field, std::string>> fields{{{what::spec, 0, 0}, "0s"},
                                                                {{what::result, 12, 0}, "12r"},
                                                                {{what::gauge, highest, 0}, "18446744073709551615g"},
                                                                {{what::state, 3, 0}, "3c"},
                                                                {{what::attempt, 4, 17}, "4a17"}};
  for (const auto& [f, text] : fields) {
    EXPECT_EQ(f.str(), text);
    EXPECT_EQ(redis_field::parse(text), f);
  }
}

TEST(RedisLayout, what_is_no_field_of_ours_is_left_alone) {
  for (const char* text :
       {"", "h", "s", "1", "1x", "1ss", "1a", "1a0", "1a1000001", "1a-1", "-1s", " 1s", "18446744073709551616s"}) {
    EXPECT_EQ(redis_field::parse(text), std::nullopt) << text;
  }
}

TEST(RedisSlot, is_that_of_the_specification) {
  EXPECT_EQ(redis_slot("123456789"), 0x31c3);
  EXPECT_EQ(redis_slot("foo{hash}bar"), redis_slot("hash"));
  EXPECT_EQ(redis_slot("foo{}{bar}"), redis_slot("foo{}{bar}"));
  EXPECT_NE(redis_slot("foo{}{bar}"), redis_slot("bar"));
  EXPECT_EQ(redis_slot("foo{{bar}}zap"), redis_slot("{bar"));
}

TEST(RedisRedirect, is_read_from_an_error) {
  const auto moved = redis_redirect::parse("MOVED 3999 127.0.0.1:6381");
  ASSERT_TRUE(moved);
  EXPECT_FALSE(moved->ask);
  EXPECT_EQ(moved->slot, 3999);
  EXPECT_EQ(moved->to, (detail::redis_address{"127.0.0.1", 6381}));
  const auto ask = redis_redirect::parse("ASK 1 ::1:7000");
  ASSERT_TRUE(ask);
  EXPECT_TRUE(ask->ask);
  EXPECT_EQ(ask->to, (detail::redis_address{"::1", 7000}));
  for (const char* text :
       {"", "OOM command not allowed", "MOVED", "MOVED x h:1", "MOVED 16384 h:1", "MOVED 1 h", "MOVED 1 h:0"}) {
    EXPECT_FALSE(redis_redirect::parse(text)) << text;
  }
}

TEST(RedisError, its_first_word_tells_what_it_means) {
  using detail::meaning_of_redis_error;
  EXPECT_EQ(meaning_of_redis_error("OOM command not allowed when used memory > 'maxmemory'."), errc::store_full);
  EXPECT_EQ(meaning_of_redis_error("MISCONF Redis is configured to save"), errc::store_full);
  EXPECT_EQ(meaning_of_redis_error("WRONGTYPE Operation against a key"), errc::store_corrupt);
  EXPECT_EQ(meaning_of_redis_error("NOAUTH Authentication required."), errc::store_denied);
  EXPECT_EQ(meaning_of_redis_error("WRONGPASS invalid username-password pair"), errc::store_denied);
  EXPECT_EQ(meaning_of_redis_error("NOPERM this user has no permissions"), errc::store_denied);
  EXPECT_EQ(meaning_of_redis_error("LOADING Redis is loading the dataset in memory"), errc::store_unavailable);
  EXPECT_EQ(meaning_of_redis_error("CLUSTERDOWN The cluster is down"), errc::store_unavailable);
  EXPECT_EQ(meaning_of_redis_error(""), errc::store_unavailable);
}

}  // namespace
}  // namespace banyan::test
