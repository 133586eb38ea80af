#include "persistence/redis_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using detail::redis_address;
using detail::redis_settings;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

redis_settings settings_of(std::string_view text) {
  detail::store_url url = detail::store_url::parse(text);
  return redis_settings::take(url);
}

std::string complaint(std::string_view text) {
  const error e = thrown_by([&] { settings_of(text); });
  EXPECT_EQ(e.code(), errc::bad_url);
  return e.message();
}

TEST(RedisSettings, a_host_has_a_default_port_and_database) {
  const redis_settings s = settings_of("redis://example.org");
  EXPECT_THAT(s.servers, ElementsAre(redis_address{"example.org", 6379}));
  EXPECT_EQ(s.db, 0u);
  EXPECT_EQ(s.prefix, "banyan");
  EXPECT_TRUE(s.user.empty() && s.password.empty() && s.socket.empty() && s.master.empty());
  EXPECT_FALSE(s.tls.has_value() || s.allow_eviction);
}

TEST(RedisSettings, everything_may_be_given) {
  const redis_settings s = settings_of(
      "rediss://me:s%40cret%2F@[::1]:7000/3?prefix=jobs&connections=5&command_timeout=250&allow_eviction=yes");
  EXPECT_THAT(s.servers, ElementsAre(redis_address{"::1", 7000}));
  EXPECT_EQ(s.user, "me");
  EXPECT_EQ(s.password, "s@cret/");
  EXPECT_EQ(s.db, 3u);
  EXPECT_EQ(s.prefix, "jobs");
  EXPECT_EQ(s.connections, 5u);
  EXPECT_EQ(s.command_timeout, std::chrono::milliseconds(250));
  EXPECT_TRUE(s.tls && s.tls->ca.empty() && s.tls->certificate.empty());
  EXPECT_TRUE(s.allow_eviction);
}

TEST(RedisSettings, tls_takes_its_files) {
  const redis_settings s =
      settings_of("rediss+sentinel://a/main?ca=/etc/ca.pem&certificate=/etc/me.pem&key=/etc/me.key");
  ASSERT_TRUE(s.tls);
  EXPECT_EQ(s.tls->ca, "/etc/ca.pem");
  EXPECT_EQ(s.tls->certificate, "/etc/me.pem");
  EXPECT_EQ(s.tls->key, "/etc/me.key");
  EXPECT_EQ(s.describe(), "rediss+sentinel://a:26379/main");
}

TEST(RedisSettings, a_password_needs_no_user) {
  const redis_settings s = settings_of("redis://:secret@localhost:6380");
  EXPECT_EQ(s.user, "");
  EXPECT_EQ(s.password, "secret");
  EXPECT_THAT(s.servers, ElementsAre(redis_address{"localhost", 6380}));
}

TEST(RedisSettings, a_socket_takes_its_database_as_an_option) {
  const redis_settings s = settings_of("redis+unix:///run/redis.sock?db=2");
  EXPECT_EQ(s.socket, "/run/redis.sock");
  EXPECT_EQ(s.db, 2u);
  EXPECT_TRUE(s.servers.empty());
}

TEST(RedisSettings, sentinels_are_a_list_with_the_masters_name) {
  const redis_settings s = settings_of("redis+sentinel://:pw@a:1,b,[::2]:3/main/4");
  EXPECT_THAT(s.servers, ElementsAre(redis_address{"a", 1}, redis_address{"b", 26379}, redis_address{"::2", 3}));
  EXPECT_EQ(s.master, "main");
  EXPECT_EQ(s.db, 4u);
  EXPECT_EQ(s.password, "pw");
}

TEST(RedisSettings, are_described_without_secrets) {
  EXPECT_EQ(settings_of("redis://me:secret@h:1/2?prefix=p").describe(), "redis://h:1/2");
  EXPECT_EQ(settings_of("redis+unix:///s?db=3").describe(), "redis+unix:///s?db=3");
  EXPECT_EQ(settings_of("redis+sentinel://:secret@a,b:2/main").describe(), "redis+sentinel://a:26379,b:2/main");
  EXPECT_EQ(settings_of("rediss://[::1]").describe(), "rediss://[::1]:6379");
}

TEST(RedisSettings, what_is_wrong_is_named) {
  EXPECT_THAT(complaint("redis:localhost"), HasSubstr("after the scheme comes //"));
  EXPECT_THAT(complaint("redis://"), HasSubstr("a host is missing"));
  EXPECT_THAT(complaint("redis://:6379"), HasSubstr("a host is missing"));
  EXPECT_THAT(complaint("redis://h:0"), HasSubstr("the port after h is not a number"));
  EXPECT_THAT(complaint("redis://h:70000"), HasSubstr("the port after h is not a number"));
  EXPECT_THAT(complaint("redis://[::1"), HasSubstr("has no ]"));
  EXPECT_THAT(complaint("redis://h/one"), HasSubstr("database after the host is not a number"));
  EXPECT_THAT(complaint("redis://secret@h"), HasSubstr("before @ comes user:password"));
  EXPECT_THAT(complaint("redis://u:%4@h"), HasSubstr("not followed by two hexadecimal digits"));
  EXPECT_THAT(complaint("redis+unix://run/s"), HasSubstr("begins with /"));
  EXPECT_THAT(complaint("redis+sentinel://a:1"), HasSubstr("master's name is missing"));
  EXPECT_THAT(complaint("redis://h?connections=0"), HasSubstr("at least 1"));
  EXPECT_THAT(complaint("redis://h?command_timeout=0"), HasSubstr("at least 1"));
  EXPECT_THAT(complaint("redis://h?prefix={a}"), HasSubstr("prefix is empty or holds a brace"));
  EXPECT_THAT(complaint("redis://h?allow_eviction=maybe"), HasSubstr("no or yes"));
  EXPECT_THAT(complaint("redis://h?ca=/etc/ca.pem"), HasSubstr("unknown option ca"));
  EXPECT_THAT(complaint("rediss://h?certificate=/etc/me.pem"), HasSubstr("certificate and key go together"));
  EXPECT_THAT(complaint("redis://h?db=1"), HasSubstr("unknown option db"));
}

TEST(RedisSettings, errors_tell_no_secret) {
  EXPECT_THAT(complaint("redis://me:hush@h:x"), Not(HasSubstr("hush")));
  EXPECT_THAT(complaint("redis://hush@h"), Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace banyan::test
