#pragma once

#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "messages/family.hpp"
#include "messages/record.hpp"
#include "persistence/membership.hpp"
#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/side_effects.hpp"
#include "tests/support/talking_program.hpp"

namespace banyan::test {

/// So many times each; BANYAN_KILLS=20 for the whole measure.
inline int rounds() {
  const char* const given = std::getenv("BANYAN_KILLS");
  return given ? std::atoi(given) : 1;
}

/// A tree of so many futures, or a smaller one in a plain run of the tests.
inline int leaves_a_branch() { return std::getenv("BANYAN_KILLS") ? 1000 : 200; }
inline constexpr int branches = 100;

/// Three nodes as processes, that run a tree whose leaves write down that they ran.
class ClusterProcesses : public testing::Test {
 protected:
  void SetUp() override { BANYAN_NEEDS_REDIS(); }

  void begin() {
    nodes_.clear();
    spawned_ = 0;
    server_.emplace(server_arguments());
    notes_ = (server_->directory() / "notes").string();
    for (const char* name : {"a", "b", "c"}) start(name);
    for (const auto& [name, n] : nodes_) ASSERT_EQ(n->hear(), "ready");
    for (const auto& [name, n] : nodes_) n->say("meet 3");
    for (const auto& [name, n] : nodes_) ASSERT_EQ(n->hear(), "met");
    spawn("job");
  }
  /// A tree, whose result is waited for from here on.
  void spawn(const std::string& id) {
    root_ = runtime::key_of(id);
    ++spawned_;
    node("a").say(order(id));
    ASSERT_EQ(node("a").hear(), "spawned");
  }
  /// What a node is told, to spawn it.
  virtual std::string order(const std::string& id) const {
    return "spawn " + id + " " + std::to_string(branches) + " " + std::to_string(leaves_a_branch());
  }
  virtual std::vector<std::string> server_arguments() const {
    return {"--appendonly", "yes", "--appendfsync", "everysec"};
  }
  virtual std::vector<std::string> command(const std::string& name) const {
    return {CLUSTER_JOB, name, server_->url(), notes_, lease_ms};
  }
  void start(const std::string& name) { nodes_[name] = std::make_unique<talking_program>(command(name)); }
  talking_program& node(const std::string& name) { return *nodes_.at(name); }

  std::unique_ptr<detail::store> store() const {
    return detail::open_store(server_->url(), detail::open_mode::read, "");
  }

  bool is_alive(const std::string& name) const {
    const auto members = store()->cluster()->members();
    return std::ranges::any_of(members, [&](const detail::member& m) { return m.name == name && m.alive; });
  }

  std::optional<detail::result_record> result() const {
    const auto r = store()->load(root_);
    if (!r || r->result.empty()) return std::nullopt;
    return detail::decode_result(r->result);
  }

  /// The leaves that have a result, by the text of their keys.
  std::set<std::string> finished() const {
    std::set<std::string> found;
    const auto s = store();
    for (std::uint64_t b = 0; b < branches; ++b) {
      const family_id family = detail::child_family({detail::child_family(root_, 1), b}, 1);
      s->scan(family, [&](detail::record&& r) {
        if (!r.result.empty()) found.insert(key{family, r.index}.str());
      });
    }
    return found;
  }

  /// Waits a random part of what the whole takes, by the notes that it makes.
  void wait_for_the_moment(std::size_t notes_of_all) {
    const std::size_t wanted = random_() % (notes_of_all * 9 / 10);
    ASSERT_TRUE(wait_until([&] { return notes_in(notes_).size() >= wanted; }, 60s));
  }
  void wait_for_the_moment() { wait_for_the_moment(static_cast<std::size_t>(branches) * leaves_a_branch()); }

  /// All of them at the same time, and without a word.
  void kill(const std::vector<std::string>& victims) {
    for (const std::string& name : victims) node(name).signal(SIGKILL);
    for (const std::string& name : victims) node(name).kill();
  }

  template <class T>
  void expect_result(const T& value) {
    ASSERT_TRUE(wait_until([&] { return result().has_value(); }, 120s)) << "no result";
    const detail::result_record r = *result();
    ASSERT_EQ(r.outcome, status::success) << r.failure.message;
    EXPECT_EQ(detail::decode<T>(r.value, "the result"), value);
  }
  void expect_right_result() { expect_result(1L + branches * (1 + leaves_a_branch())); }

  /// From a moment on, nothing that had a result then has run.
  void expect_none_again(const std::set<std::string>& before, std::size_t noted) {
    const auto lines = notes_in(notes_);
    std::size_t again = 0;
    for (std::size_t i = noted; i < lines.size(); ++i) again += before.count(lines[i]);
    EXPECT_EQ(again, 0u) << "finished leaves ran again";
  }

  void expect_all_ran() {
    const auto lines = notes_in(notes_);
    const std::set<std::string> once(lines.begin(), lines.end());
    EXPECT_EQ(once.size(), spawned_ * branches * leaves_a_branch());
  }

  static constexpr const char* lease_ms = "2000";
  key root_;
  std::size_t spawned_ = 0;
  std::optional<redis_server> server_;
  std::string notes_;
  std::map<std::string, std::unique_ptr<talking_program>> nodes_;
  std::mt19937_64 random_{random_seed()};
};

}  // namespace banyan::test
