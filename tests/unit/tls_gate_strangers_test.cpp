#include <sys/resource.h>

#include <random>

#include "tests/unit/tls_gate_fixture.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;

/// What this process has used so far.
std::chrono::microseconds cpu_time() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto sum = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return sum(used.ru_utime) + sum(used.ru_stime);
}

std::string noise(std::size_t size) {
  std::mt19937 random(7);
  std::string s(size, '\0');
  for (char& c : s) c = static_cast<char>(random());
  return s;
}

/// A gate whose deadline comes soon, with one connection through it.
class TlsGateAndStrangers : public TlsGate {
 protected:
  TlsGateAndStrangers() : node_(open_impatient()) {}
  bool node_works() { return works(node_); }

 private:
  plain_socket open_impatient() {
    detail::tls_gate::settings s = settings();
    s.handshake = 500ms;
    open(s);
    return tunnel();
  }
  const plain_socket node_;
};

TEST_F(TlsGateAndStrangers, drops_who_talks_nonsense) {
  for (const std::size_t size : {1, 5, 32, 1000, 100'000}) {
    const plain_socket s(door());
    s.send(noise(size));
    EXPECT_TRUE(s.ends());
    EXPECT_TRUE(node_works());
  }
  const plain_socket s(door());
  s.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_TRUE(s.ends());
  EXPECT_TRUE(works());
  EXPECT_EQ(server.visits(), 2);
}

TEST_F(TlsGateAndStrangers, drops_who_does_not_come_to_an_end) {
  const std::string hello = client_hello();
  std::vector<plain_socket> all;
  for (int i = 0; i < 10; ++i) all.emplace_back(door());
  for (int i = 0; i < 10; ++i) all.emplace_back(door()).send(hello.substr(0, hello.size() / 2));
  for (int i = 0; i < 10; ++i) all.emplace_back(door()).send(hello);
  EXPECT_TRUE(works());
  for (const plain_socket& s : all) EXPECT_TRUE(s.ends());
  EXPECT_TRUE(node_works());
  EXPECT_EQ(server.visits(), 2);
}

TEST_F(TlsGateAndStrangers, drops_who_speaks_byte_by_byte) {
  const std::string hello = client_hello();
  const plain_socket slow(door());
  // A byte at each look: the deadline is for all of it and not for each.
  std::size_t sent = 0;
  EXPECT_TRUE(wait_until([&] {
    if (sent + 1 < hello.size()) slow.send(hello.substr(sent++, 1));
    return slow.has_ended();
  }));
  EXPECT_TRUE(node_works());
}

TEST_F(TlsGate, lets_nodes_in_however_many_keep_silent) {
  detail::tls_gate::settings s = settings();
  s.handshake = 1h;
  s.unfinished = 8;
  open(s);
  std::vector<plain_socket> all;
  for (int i = 0; i < 40; ++i) all.emplace_back(door());
  EXPECT_TRUE(works());
  // One more has come since, that of the node.
  for (int i = 0; i < 33; ++i) EXPECT_TRUE(all[i].ends());
  for (int i = 33; i < 40; ++i) EXPECT_FALSE(all[i].has_ended());
}

TEST_F(TlsGate, uses_next_to_no_time_for_connections_that_keep_silent) {
  detail::tls_gate::settings s = settings();
  s.handshake = 1h;
  s.unfinished = 1000;
  open(s);
  std::vector<plain_socket> all;
  for (int i = 0; i < 50; ++i) all.emplace_back(door());
  for (int i = 0; i < 50; ++i) all.emplace_back(door()).send(client_hello());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(works(all.emplace_back(tunnel())));
  const auto before = cpu_time();
  EXPECT_FALSE(all.front().ends(1s));
  const auto used = cpu_time() - before;
  RecordProperty("cpu_us", std::to_string(used.count()));
  EXPECT_LT(used, 100ms);
}

}  // namespace
}  // namespace banyan::test
