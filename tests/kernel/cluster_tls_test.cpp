#include <fstream>
#include <random>

#include "nodes/address.hpp"
#include "tests/kernel/cluster_fixture.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/plain_socket.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/support/tls_client.hpp"

namespace banyan::test {
namespace {

int one_over_tls(int) { return 1; }
BANYAN_FUNCTION(one_over_tls)

task<int> spreads_ones(context& ctx, int count) {
  std::vector<future<int>> children;
  for (int i = 0; i < count; ++i) children.push_back(ctx.spawn({.placement = placement::spread()}, one_over_tls, i));
  int sum = 0;
  for (const int n : co_await all(children)) sum += n;
  co_return sum;
}
BANYAN_FUNCTION(spreads_ones)

task<int> asks_one_of(context& ctx, std::string node) {
  const future<int> child = ctx.spawn({.placement = placement::on(node)}, one_over_tls, 0);
  co_return co_await child;
}
BANYAN_FUNCTION(asks_one_of)

/// What a peer of CAF says first: a header of 32 bytes, here with a payload of `size`.
std::string basp_handshake(std::uint32_t size) {
  std::string h("\0\0\0\0", 4);  // a server's handshake
  for (int shift = 24; shift >= 0; shift -= 8) h += static_cast<char>(size >> shift);
  h += std::string("\0\0\0\0\0\0\0\3", 8);  // the version of the protocol
  h += std::string(16, '\0');
  return h;
}

/// Of this process.
std::size_t resident_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  return 0;
}

/// Nodes with certificates.
class ClusterTls : public Cluster {
 protected:
  runtime_options with_certificate(const std::string& node, authority& of) {
    of.vouch_for(node, "DNS:" + node);
    runtime_options o = options_of(node);
    o.node.certificate = of.file(node + ".pem");
    o.node.key = of.file(node + ".key");
    o.node.ca = of.file("ca.pem");
    return o;
  }
  void start_a_and_b() {
    start(with_certificate("a", known_));
    start(with_certificate("b", known_));
    ASSERT_TRUE(await_connections());
  }
  std::uint16_t door(const std::string& name) {
    std::uint16_t port = 0;
    EXPECT_TRUE(wait_until([&] {
      for (const node_info& n : node(name).nodes()) {
        if (n.name == name) port = detail::require_address(n.address).port;
      }
      return port != 0;
    }));
    return port;
  }
  /// True if work still goes from a to b.
  bool works() {
    return node("a").spawn(asks_one_of, "b").get_for(30s) == 1 && node("b").spawn(asks_one_of, "a").get_for(30s) == 1;
  }

  authority known_;
};

TEST_F(ClusterTls, nodes_with_certificates_run_a_tree_together) {
  start_a_and_b();
  start(with_certificate("c", known_));
  ASSERT_TRUE(await_connections());
  EXPECT_EQ(node("a").spawn(spreads_ones, 300).get_for(30s), 300);
  EXPECT_EQ(node("c").spawn(asks_one_of, "b").get_for(30s), 1);
}

TEST_F(ClusterTls, a_node_that_comes_back_is_connected_again) {
  start_a_and_b();
  stop("b");
  EXPECT_TRUE(wait_until([&] { return node("a").nodes().size() == 1; }));
  start(with_certificate("b", known_));
  ASSERT_TRUE(await_connections());
  EXPECT_TRUE(works());
}

TEST_F(ClusterTls, a_node_of_another_authority_is_left_out_and_the_others_go_on) {
  start_a_and_b();
  authority unknown;
  const auto connected_to_c = [this](const std::string& name) {
    const auto all = node(name).nodes();
    return std::ranges::any_of(all, [&](const node_info& n) { return n.name == "c" && n.connected; });
  };
  start(with_certificate("c", unknown));
  // It dials, is dialled, and both are said to fail.
  EXPECT_TRUE(wait_until([this] { return log.contains("TLS with 127.0.0.1:") && log.contains("was turned away"); }));
  EXPECT_TRUE(works());
  EXPECT_FALSE(connected_to_c("a"));
  EXPECT_FALSE(connected_to_c("b"));
}

TEST_F(ClusterTls, a_file_that_cannot_be_used_is_said) {
  runtime_options o = with_certificate("a", known_);
  o.node.key = known_.file("ca.key");
  EXPECT_NE(message_of([&] { start(o); }).find(known_.file("ca.key")), std::string::npos)
      << message_of([&] { start(o); });
  o.node.key = known_.file("a.key");
  o.node.listen = "192.0.2.1:0";
  EXPECT_NE(message_of([&] { start(o); }).find("cannot listen on 192.0.2.1:0"), std::string::npos);
}

TEST_F(ClusterTls, bytes_that_end_a_bare_node_do_it_no_harm) {
  start_a_and_b();
  std::mt19937_64 random(random_seed());
  for (const std::uint32_t payload : {0u, 16u, 256u << 20, 0xffffffffu}) {
    const plain_socket s(door("b"));
    s.send(basp_handshake(payload));
    s.send(basp_handshake(payload));
    EXPECT_TRUE(s.ends());
    std::string noise(10'000, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    const plain_socket t(door("b"));
    t.send(noise);
    EXPECT_TRUE(t.ends());
    EXPECT_TRUE(works());
  }
}

TEST_F(ClusterTls, works_on_under_a_hundred_thousand_frames_of_strangers) {
  start_a_and_b();
  ASSERT_TRUE(works());
  std::mt19937_64 random(random_seed());
  const std::string hello = client_hello();
  const auto before = resident_kb();
  const auto job = node("a").spawn(spreads_ones, 500);
  const std::uint16_t port = door("b");
  for (int sent = 0; sent < 100'000;) {
    const plain_socket s(port);
    for (int i = 0; i < 10; ++i, ++sent) {
      std::string frame = random() % 2 == 0 ? hello : basp_handshake(random() % 64);
      frame.resize(1 + random() % 64);
      for (int flips = random() % 3; flips > 0; --flips) frame[random() % frame.size()] ^= static_cast<char>(random());
      s.send(frame);
    }
  }
  EXPECT_EQ(job.get_for(60s), 500);
  EXPECT_TRUE(works());
  EXPECT_TRUE(sanitized || resident_kb() < before + 100 * 1024);
}

TEST_F(ClusterTls, works_on_beside_connections_that_keep_silent_or_speak_slowly) {
  start_a_and_b();
  const std::string hello = client_hello();
  const std::uint16_t port = door("b");
  std::vector<plain_socket> all;
  for (int i = 0; i < 300; ++i) all.emplace_back(port).send(hello.substr(0, i % hello.size()));
  const auto job = node("a").spawn(spreads_ones, 300);
  EXPECT_TRUE(works());
  for (const plain_socket& s : all) s.send(hello.substr(0, 1));
  EXPECT_EQ(job.get_for(30s), 300);
  stop("a");
  start(with_certificate("a", known_));
  EXPECT_TRUE(await_connections());
  EXPECT_TRUE(wait_until([&] { return std::ranges::all_of(all, &plain_socket::has_ended); }));
  EXPECT_TRUE(works());
}

}  // namespace
}  // namespace banyan::test
