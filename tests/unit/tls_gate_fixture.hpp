#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "nodes/tls_gate.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/echo_server.hpp"
#include "tests/support/tls_client.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {

/// A gate in front of a server that sends back what it gets, and what is needed to knock at it.
class TlsGate : public testing::Test {
 protected:
  TlsGate() {
    known.vouch_for("node", "DNS:node");
    known.vouch_for("other", "DNS:other");
  }

  detail::tls_gate::settings settings_of(const authority& a, const std::string& name) {
    detail::tls_gate::settings s;
    s.listen = {"127.0.0.1", 0};
    s.inside = server.port();
    s.certificate = a.file(name + ".pem");
    s.key = a.file(name + ".key");
    s.ca = known.file("ca.pem");
    s.warn = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
    return s;
  }
  detail::tls_gate::settings settings() { return settings_of(known, "node"); }
  /// The gate, made at its first use.
  detail::tls_gate& gate() {
    if (!gate_) open(settings());
    return *gate_;
  }
  void open(const detail::tls_gate::settings& s) { gate_.emplace(s); }
  std::uint16_t door() { return gate().address().port; }
  /// The gate of the node that connects.
  detail::tls_gate& theirs() {
    if (!theirs_) theirs_.emplace(settings_of(known, "other"));
    return *theirs_;
  }
  plain_socket tunnel() { return plain_socket(theirs().tunnel_to(gate().address())); }
  /// True if bytes go to the server and back.
  static bool works(const plain_socket& s) { return s.send("are you there?") && s.receive(14) == "are you there?"; }
  bool works() { return works(tunnel()); }
  tls_identity identity(const authority& a, const std::string& name) {
    return {a.file(name + ".pem"), a.file(name + ".key")};
  }
  bool warned(const std::string& text) {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(lines_, [&](const std::string& l) { return l.find(text) != std::string::npos; });
  }

  authority known;
  echo_server server;

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
  std::optional<detail::tls_gate> gate_, theirs_;
};

}  // namespace banyan::test
