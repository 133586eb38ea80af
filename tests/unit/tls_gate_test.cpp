#include <openssl/ssl.h>

#include <future>

#include "tests/unit/thrown.hpp"
#include "tests/unit/tls_gate_fixture.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Neither of them is all there is in a part.
std::string megabytes(std::size_t size) {
  std::string s(size << 20, '\0');
  for (std::size_t i = 0; i < s.size(); ++i) s[i] = static_cast<char>(i * 31 + (i >> 13));
  return s;
}

TEST_F(TlsGate, passes_bytes_both_ways) {
  const plain_socket s = tunnel();
  EXPECT_TRUE(works(s));
  EXPECT_TRUE(works(s));
}

TEST_F(TlsGate, passes_megabytes_both_ways) {
  const std::string all = megabytes(8);
  const plain_socket s = tunnel();
  const auto sent = std::async(std::launch::async, [&] { return s.send(all); });
  EXPECT_TRUE(s.receive(all.size()) == all);
  EXPECT_TRUE(works(s));
}

TEST_F(TlsGate, serves_many_at_once) {
  std::vector<plain_socket> all;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(works(all.emplace_back(tunnel())));
  for (const plain_socket& s : all) ASSERT_TRUE(works(s));
}

TEST_F(TlsGate, takes_a_client_with_a_certificate) {
  EXPECT_EQ(ask_by_tls(door(), "hello", identity(known, "node")), "hello");
  EXPECT_EQ(ask_by_tls(door(), "hello", identity(known, "node"), TLS1_2_VERSION), "hello");
}

TEST_F(TlsGate, takes_no_version_older_than_1_2) {
  EXPECT_EQ(ask_by_tls(door(), "hello", identity(known, "node"), TLS1_1_VERSION), "");
  EXPECT_EQ(server.visits(), 0);
}

TEST_F(TlsGate, turns_away_who_shows_no_certificate) {
  EXPECT_EQ(ask_by_tls(door(), "hello", {}), "");
  EXPECT_EQ(ask_by_tls(door(), "hello", {}, TLS1_2_VERSION), "");
  EXPECT_EQ(server.visits(), 0);
  EXPECT_TRUE(wait_until([&] { return warned("was turned away: peer did not return a certificate"); }));
}

TEST_F(TlsGate, turns_away_who_is_vouched_for_by_another_authority_or_by_itself) {
  authority unknown;
  unknown.vouch_for("node", "DNS:node");
  unknown.leave_alone("alone");
  EXPECT_EQ(ask_by_tls(door(), "hello", identity(unknown, "node")), "");
  EXPECT_EQ(ask_by_tls(door(), "hello", identity(unknown, "alone")), "");
  EXPECT_EQ(ask_by_tls(door(), "hello", identity(unknown, "ca"), TLS1_2_VERSION), "");
  EXPECT_EQ(server.visits(), 0);
  EXPECT_TRUE(works());
}

TEST_F(TlsGate, connects_to_those_alone_whom_its_authority_vouches_for) {
  authority unknown;
  unknown.vouch_for("node", "DNS:node");
  detail::tls_gate::settings s = settings_of(unknown, "node");
  s.ca = unknown.file("ca.pem");
  detail::tls_gate stranger(s);
  plain_socket to_stranger(theirs().tunnel_to(stranger.address()));
  EXPECT_TRUE(to_stranger.ends());
  plain_socket of_stranger(stranger.tunnel_to(gate().address()));
  EXPECT_TRUE(of_stranger.ends());
  EXPECT_EQ(server.visits(), 0);
  EXPECT_TRUE(wait_until([&] { return warned("TLS with " + stranger.address().str() + " failed: "); }));
}

TEST_F(TlsGate, a_tunnel_takes_one_connection) {
  const std::uint16_t port = theirs().tunnel_to(gate().address());
  const plain_socket first(port);
  EXPECT_TRUE(works(first));
  EXPECT_THROW(plain_socket second(port), std::runtime_error);
}

TEST_F(TlsGate, a_tunnel_that_nobody_takes_is_closed) {
  detail::tls_gate::settings s = settings();
  s.handshake = 100ms;
  open(s);
  const std::uint16_t port = gate().tunnel_to(gate().address());
  EXPECT_TRUE(wait_until([&] { return warned("no handshake in time"); }));
  EXPECT_THROW(plain_socket late(port), std::runtime_error);
}

TEST_F(TlsGate, a_tunnel_finds_its_way_by_name_and_ends_where_nobody_listens) {
  EXPECT_TRUE(works(plain_socket(theirs().tunnel_to({"localhost", door()}))));
  const std::uint16_t nobody = plain_listener().port();
  EXPECT_TRUE(plain_socket(theirs().tunnel_to({"127.0.0.1", nobody})).ends());
  EXPECT_TRUE(wait_until([&] { return warned("Connection refused"); }));
}

TEST_F(TlsGate, ends_both_sides_when_one_ends) {
  plain_socket s = tunnel();
  ASSERT_TRUE(works(s));
  server.hang_up();
  EXPECT_TRUE(s.ends());
  plain_socket t = tunnel();
  ASSERT_TRUE(works(t));
  ASSERT_TRUE(wait_until([&] { return server.visitors() == 1; }));
  t.close();
  EXPECT_TRUE(wait_until([&] { return server.visitors() == 0; }));
}

TEST_F(TlsGate, ends_both_sides_when_the_other_gate_dies) {
  const plain_socket s = tunnel();
  ASSERT_TRUE(works(s));
  gate().stop();
  EXPECT_TRUE(s.ends());
  EXPECT_TRUE(wait_until([&] { return server.visitors() == 0; }));
}

TEST_F(TlsGate, ends_at_once_where_nobody_is_behind_it) {
  detail::tls_gate::settings s = settings();
  s.inside = plain_listener().port();
  open(s);
  EXPECT_TRUE(tunnel().ends());
}

TEST_F(TlsGate, gives_up_a_side_that_takes_no_bytes) {
  plain_listener silent;
  detail::tls_gate::settings s = settings();
  s.inside = silent.port();
  s.stall = 300ms;
  open(s);
  const plain_socket sender = tunnel();
  auto sent = std::async(std::launch::async, [&] { return sender.send(std::string(64 << 20, 'x')); });
  const plain_socket reads_nothing = silent.accept();
  EXPECT_FALSE(sent.get());
}

TEST_F(TlsGate, stops_in_time_whatever_is_under_way) {
  const plain_socket works_on = tunnel();
  ASSERT_TRUE(works(works_on));
  const plain_socket silent(door());
  const std::uint16_t unused = gate().tunnel_to(gate().address());
  const auto before = std::chrono::steady_clock::now();
  gate().stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
  EXPECT_TRUE(works_on.ends());
  EXPECT_TRUE(silent.ends());
  EXPECT_THROW(plain_socket late(unused), std::runtime_error);
  EXPECT_EQ(thrown_by([&] { gate().tunnel_to({"127.0.0.1", 1}); }).code(), errc::stopped);
}

TEST_F(TlsGate, says_which_file_it_cannot_use) {
  const auto refusal = [this](auto change) {
    detail::tls_gate::settings s = settings();
    change(s);
    const error e = thrown_by([&] { detail::tls_gate g(s); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    return e.message();
  };
  EXPECT_EQ(refusal([](auto& s) { s.ca = "/nowhere/ca.pem"; }),
            "TLS: cannot use the authorities in /nowhere/ca.pem: No such file or directory");
  EXPECT_EQ(refusal([](auto& s) { s.certificate = "/nowhere/node.pem"; }),
            "TLS: cannot use the certificate /nowhere/node.pem: No such file or directory");
  EXPECT_EQ(refusal([](auto& s) { s.key = "/nowhere/node.key"; }),
            "TLS: cannot use the key /nowhere/node.key: No such file or directory");
  EXPECT_THAT(refusal([this](auto& s) { s.key = known.file("other.key"); }),
              HasSubstr("cannot use the key " + known.file("other.key") + ": key values mismatch"));
  EXPECT_THAT(refusal([this](auto& s) { s.ca = known.file("node.key"); }),
              HasSubstr("cannot use the authorities in " + known.file("node.key")));
}

TEST_F(TlsGate, says_where_it_cannot_listen) {
  detail::tls_gate::settings s = settings();
  s.listen = gate().address();
  const error taken = thrown_by([&] { detail::tls_gate g(s); });
  EXPECT_EQ(taken.code(), errc::invalid_argument);
  EXPECT_EQ(taken.message(), "cannot listen on " + s.listen.str() + ": Address already in use");
  s.listen = {"192.0.2.1", 0};
  EXPECT_EQ(thrown_by([&] { detail::tls_gate g(s); }).message(),
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

}  // namespace
}  // namespace banyan::test
