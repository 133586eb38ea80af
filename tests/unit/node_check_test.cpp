#include "nodes/node_check.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "nodes/address.hpp"
#include "nodes/config_file.hpp"
#include "tests/support/authority.hpp"
#include "tests/unit/thrown.hpp"

namespace banyan::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

runtime_options good_node() {
  runtime_options opts{.store = "redis://127.0.0.1", .name = "node-1"};
  opts.node.listen = "127.0.0.1:4711";
  return opts;
}

/// The problems of a node that is good but for one change, as "KEY WHAT".
template <class Change>
std::vector<std::string> problems_after(Change change) {
  runtime_options opts = good_node();
  change(opts);
  std::vector<std::string> found;
  for (const auto& p : detail::check_node_options(opts)) found.push_back(p.key + " " + p.what);
  return found;
}

TEST(NodeCheck, finds_nothing_in_a_good_node_or_in_what_is_no_node) {
  EXPECT_THAT(detail::check_node_options(good_node()), IsEmpty());
  EXPECT_THAT(detail::check_node_options({}), IsEmpty());
}

TEST(NodeCheck, wants_a_name_of_plain_characters) {
  const auto with_name = [](std::string name) { return problems_after([&](auto& o) { o.name = name; }); };
  EXPECT_THAT(with_name("Node_1.eu-west"), IsEmpty());
  EXPECT_THAT(with_name(std::string(64, 'n')), IsEmpty());
  EXPECT_THAT(with_name(""), ElementsAre(HasSubstr("name is missing")));
  for (const std::string& name : {std::string(65, 'n'), std::string("a b"), std::string("a/b"), std::string("ü")}) {
    EXPECT_THAT(with_name(name), ElementsAre(HasSubstr("name takes up to 64 letters"))) << name;
  }
}

TEST(NodeCheck, wants_a_store_that_nodes_can_share) {
  const auto with_store = [](std::string url) { return problems_after([&](auto& o) { o.store = url; }); };
  for (const char* url : {"redis+unix:///run/redis.sock", "redis+sentinel://a,b/m", "rediss://h", "fault+redis://h"}) {
    EXPECT_THAT(with_store(url), IsEmpty()) << url;
  }
  for (const char* url : {"memory:", "sqlite:jobs.db"}) {
    EXPECT_THAT(with_store(url), ElementsAre(HasSubstr("store has to be a Redis"))) << url;
  }
  EXPECT_THAT(with_store("redis:x"), ElementsAre(HasSubstr("store is malformed")));
}

TEST(NodeCheck, wants_addresses_with_ports) {
  for (const char* address : {"[::1]:4711", "localhost:0", "127.0.0.9:65535"}) {
    EXPECT_THAT(problems_after([&](auto& o) { o.node.listen = address; }), IsEmpty()) << address;
  }
  for (const char* address : {"4711", "localhost", "localhost:", ":4711", "localhost:65536", "localhost:-1", "::1:4711",
                              "[localhost]:4711", "[::1]", "[]:1", "a b:1", "localhost:http", "http://h:1"}) {
    EXPECT_THAT(problems_after([&](auto& o) { o.node.listen = address; }),
                ElementsAre(HasSubstr("listen takes HOST:PORT")))
        << address;
    EXPECT_THAT(problems_after([&](auto& o) { o.node.advertise = address; }),
                ElementsAre(HasSubstr("advertise takes HOST:PORT")))
        << address;
  }
}

TEST(NodeCheck, wants_to_be_told_where_others_can_reach_it) {
  const auto with = [](std::string listen, std::string advertise) {
    return problems_after([&](auto& o) {
      o.node.listen = listen;
      o.node.advertise = advertise;
      o.node.insecure = true;
    });
  };
  EXPECT_THAT(with("0.0.0.0:4711", "n1.example:4711"), IsEmpty());
  EXPECT_THAT(with("0.0.0.0:4711", ""), ElementsAre(HasSubstr("advertise is missing")));
  EXPECT_THAT(with("[::]:4711", ""), ElementsAre(HasSubstr("advertise is missing")));
  EXPECT_THAT(with("10.0.0.1:4711", "0.0.0.0:4711"), ElementsAre(HasSubstr("advertise takes an address")));
  EXPECT_THAT(with("10.0.0.1:4711", "n1:0"), ElementsAre(HasSubstr("advertise takes an address")));
}

TEST(NodeCheck, refuses_to_be_reached_from_other_machines_without_tls) {
  for (const char* address : {"10.0.0.1:4711", "node.example:4711", "[2001:db8::1]:4711", "128.0.0.1:4711"}) {
    EXPECT_THAT(problems_after([&](auto& o) { o.node.listen = address; }),
                ElementsAre(HasSubstr("listen is an address that other machines reach")))
        << address;
  }
  EXPECT_THAT(problems_after([](auto& o) { o.node.listen = "10.0.0.1:1", o.node.insecure = true; }), IsEmpty());
  EXPECT_THAT(
      problems_after([](auto& o) { o.node = {.listen = "10.0.0.1:1", .certificate = "c", .key = "k", .ca = "a"}; }),
      IsEmpty());
}

TEST(NodeCheck, wants_roles_with_names_and_each_once) {
  const auto with_roles = [](std::vector<std::string> roles) {
    return problems_after([&](auto& o) { o.node.roles = roles; });
  };
  EXPECT_THAT(with_roles({"gpu", "big"}), IsEmpty());
  EXPECT_THAT(with_roles({"gpu", ""}), ElementsAre(HasSubstr("roles has an empty one")));
  EXPECT_THAT(with_roles({"gpu", "big", "gpu"}), ElementsAre(HasSubstr("roles has 'gpu' twice")));
}

TEST(NodeCheck, wants_several_heartbeats_in_a_lease) {
  const auto with = [](std::chrono::milliseconds lease, std::chrono::milliseconds heartbeat) {
    return problems_after([&](auto& o) { o.node.lease = lease, o.node.heartbeat = heartbeat; });
  };
  EXPECT_THAT(with(3s, 1s), IsEmpty());
  EXPECT_THAT(with(2999ms, 1s),
              ElementsAre(HasSubstr("heartbeat is 1s, it has to be more than 0 and at most a third")));
  EXPECT_THAT(with(3s, 0s), ElementsAre(HasSubstr("heartbeat is 0s")));
  EXPECT_THAT(with(999ms, 100ms), ElementsAre(HasSubstr("lease takes a duration from 1s to 1h, not 999ms")));
  EXPECT_THAT(with(61min, 1s), ElementsAre(HasSubstr("lease takes")));
  EXPECT_THAT(with(std::chrono::milliseconds::max(), 1s),
              ElementsAre(HasSubstr("lease takes a duration from 1s to 1h, not 9223372036854775807ms")));
  EXPECT_THAT(problems_after([](auto& o) { o.node.grace = -1s; }), ElementsAre(HasSubstr("grace takes")));
}

TEST(NodeCheck, wants_times_above_nothing_also_of_a_runtime_that_is_no_node) {
  const auto alone = [](const node_options& node) { return detail::check_node_options({.node = node}).size(); };
  EXPECT_EQ(alone({}), 0u);
  EXPECT_EQ(alone({.lease = 10h, .heartbeat = 20h}), 0u);
  EXPECT_EQ(alone({.lease = 0ms}), 1u);
  EXPECT_EQ(alone({.heartbeat = -1ms, .grace = -1ms}), 2u);
}

TEST(NodeCheck, wants_all_three_files_of_tls_or_none) {
  EXPECT_THAT(problems_after([](auto& o) { o.node.key = "k"; }),
              ElementsAre(HasSubstr("tls.certificate is missing"), HasSubstr("tls.ca is missing")));
  EXPECT_THAT(problems_after([](auto& o) { o.node.certificate = "c", o.node.ca = "a"; }),
              ElementsAre(HasSubstr("tls.key is missing")));
}

TEST(NodeCheck, names_the_place_of_a_problem) {
  const scratch_directory dir;
  const std::string file = (dir.path() / "node.conf").string();
  const std::string start = "[banyan]\nstore=\"redis://h\"\nname=\"n\"\nlisten=\"localhost:1\"\n";
  const auto failure_of = [&](const std::string& text) {
    std::ofstream(file) << start << text;
    return thrown_by([&] { detail::with_config_file({.config_file = file}); }).message();
  };
  EXPECT_THAT(failure_of("heartbeat=4s\n"), HasSubstr("node.conf, line 5: banyan.heartbeat is 4s"));
  EXPECT_THAT(failure_of("lease=2s\n"), HasSubstr("node.conf, line 5: banyan.heartbeat is 1s"));
  EXPECT_THAT(failure_of("\ntls {\n ca=\"a\"\n}\n"), HasSubstr("node.conf, line 7: banyan.tls.certificate is missing"));
  EXPECT_THAT(thrown_by([] { detail::with_config_file({.node = {.listen = "h"}}); }).message(),
              HasSubstr("banyan.name is missing"));
}

class TlsFiles : public testing::Test {
 protected:
  std::vector<std::string> problems_of(const std::string& certificate, const std::string& key, const std::string& ca) {
    std::vector<std::string> found;
    for (const auto& p : detail::check_tls_files({.certificate = certificate, .key = key, .ca = ca})) {
      found.push_back(p.key + " " + p.what);
    }
    return found;
  }

  void SetUp() override {
    known_.vouch_for("one", "DNS:one");
    known_.vouch_for("two", "DNS:two");
  }

  authority known_;
  const std::string one_ = known_.file("one.pem");
  const std::string key_ = known_.file("one.key");
  const std::string ca_ = known_.file("ca.pem");
};

TEST_F(TlsFiles, that_fit_are_taken) { EXPECT_THAT(problems_of(one_, key_, ca_), IsEmpty()); }

TEST_F(TlsFiles, that_are_missing_are_told) {
  EXPECT_THAT(problems_of(known_.file("none"), key_, ca_), ElementsAre(HasSubstr("none cannot be opened")));
  EXPECT_THAT(problems_of(one_, known_.file("none"), known_.file("no")),
              ElementsAre(HasSubstr("tls.key "), HasSubstr("tls.ca ")));
}

TEST_F(TlsFiles, that_hold_something_else_are_told) {
  EXPECT_THAT(problems_of(key_, key_, ca_), ElementsAre(HasSubstr("does not hold a certificate in PEM")));
  EXPECT_THAT(problems_of(one_, ca_, ca_), ElementsAre(HasSubstr("does not hold a private key")));
  EXPECT_THAT(problems_of(one_, key_, "/dev/null"), ElementsAre(HasSubstr("tls.ca /dev/null does not hold")));
}

TEST_F(TlsFiles, with_the_key_of_another_are_told) {
  EXPECT_THAT(problems_of(one_, known_.file("two.key"), ca_),
              ElementsAre(HasSubstr("is not the key of the certificate")));
}

TEST(NetworkAddress, reads_back_its_text) {
  for (const char* text : {"localhost:4711", "10.0.0.1:0", "[::1]:65535"}) {
    EXPECT_EQ(detail::parse_address(text)->str(), text);
  }
  EXPECT_EQ(detail::parse_address("[::1]:1")->host, "::1");
}

}  // namespace
}  // namespace banyan::test
