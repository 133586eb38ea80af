#include <gmock/gmock.h>

#include "persistence/redis_tls.hpp"
#include "tests/kernel/redis_fixture.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/free_ports.hpp"

namespace banyan::test {
namespace {

using std::chrono_literals::operator""s;
using testing::AnyOf;
using testing::HasSubstr;

TEST_F(RedisServers, tls_that_hiredis_does_not_have_is_said) {
  if (detail::redis_has_tls()) GTEST_SKIP() << "this hiredis has TLS";
  try {
    runtime{options("rediss://localhost")};
    FAIL() << "it was opened";
  } catch (const error& e) {
    EXPECT_EQ(e.code(), errc::bad_url);
    EXPECT_THAT(e.message(), HasSubstr("libhiredis_ssl"));
  }
}

class RedisTls : public RedisServers {
 protected:
  void SetUp() override {
    RedisServers::SetUp();
    if (!detail::redis_has_tls()) GTEST_SKIP() << "THIS BUILD'S HIREDIS HAS NO TLS: NOTHING IS TESTED HERE";
    known_.emplace();
    known_->vouch_for("server", "IP:127.0.0.1");
    known_->vouch_for("client", "DNS:client");
  }

  std::vector<std::string> server_arguments(const std::string& clients) {
    return {"--appendonly",       "yes",
            "--appendfsync",      "always",
            "--tls-port",         std::to_string(port_),
            "--tls-cert-file",    known_->file("server.pem"),
            "--tls-key-file",     known_->file("server.key"),
            "--tls-ca-cert-file", known_->file("ca.pem"),
            "--tls-auth-clients", clients};
  }
  std::string url(const std::string& host = "127.0.0.1") const {
    return "rediss://" + host + ":" + std::to_string(port_) + "?ca=" + known_->file("ca.pem");
  }
  std::string as_client() const {
    return "&certificate=" + known_->file("client.pem") + "&key=" + known_->file("client.key");
  }
  /// Why a runtime does not come up.
  std::string refusal(const std::string& store) {
    try {
      runtime{options(store)};
    } catch (const error& e) {
      EXPECT_EQ(e.code(), errc::store_unavailable);
      return e.message();
    }
    return "nothing was thrown";
  }

  std::optional<authority> known_;
  const int port_ = free_ports(1).front();
};

TEST_F(RedisTls, carries_a_tree_over_the_death_of_its_server) {
  redis_server server(server_arguments("no"));
  runtime rt{options(url())};
  const auto job = rt.spawn(many_leaves, 2000);
  for (int kills = 1; kills <= 3; ++kills) {
    ASSERT_TRUE(wait_until([&] { return leaf_runs > 300 * kills; }));
    server.kill();
    server.start();
  }
  EXPECT_EQ(job.get_for(60s), 2000);
}

TEST_F(RedisTls, is_spoken_with_the_server_that_was_meant_alone) {
  redis_server server(server_arguments("no"));
  authority unknown;
  EXPECT_THAT(refusal("rediss://127.0.0.1:" + std::to_string(port_)), HasSubstr("is not trusted"));
  EXPECT_THAT(refusal("rediss://127.0.0.1:" + std::to_string(port_) + "?ca=" + unknown.file("ca.pem")),
              HasSubstr("is not trusted"));
  EXPECT_THAT(refusal(url("localhost")), HasSubstr("is not trusted"));
  EXPECT_THAT(refusal("rediss://127.0.0.1:" + std::to_string(port_) + "?ca=/nowhere/ca.pem"),
              HasSubstr("cannot use the authorities in /nowhere/ca.pem"));
  EXPECT_EQ(refusal(url()), "nothing was thrown");
}

TEST_F(RedisTls, shows_who_we_are) {
  redis_server server(server_arguments("yes"));
  EXPECT_THAT(refusal(url()), AnyOf(HasSubstr("certificate required"), HasSubstr("handshake failure")));
  EXPECT_THAT(refusal(url() + "&certificate=" + known_->file("client.pem") + "&key=" + known_->file("ca.key")),
              HasSubstr("cannot use the key " + known_->file("ca.key")));
  runtime rt{options(url() + as_client())};
  EXPECT_EQ(rt.spawn(many_leaves, 100).get_for(60s), 100);
}

TEST_F(RedisTls, with_a_server_that_does_not_speak_it_ends_in_time) {
  redis_server server({"--port", std::to_string(port_)});
  EXPECT_THAT(refusal(url() + "&command_timeout=500"), HasSubstr("TLS with 127.0.0.1 failed: no answer in time"));
}

}  // namespace
}  // namespace banyan::test
