#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "tests/kernel/kernel_fixture.hpp"
#include "tests/support/redis_server.hpp"

namespace banyan::test {

/// Nodes in this process, each with its own actor systems, that speak over loopback as those of other processes do.
class Cluster : public testing::Test {
 protected:
  void SetUp() override {
    BANYAN_NEEDS_REDIS();
    redis_.emplace();
  }

  static runtime_options options_of(const std::string& name) {
    runtime_options o;
    o.name = name;
    o.threads = 2;
    o.node.listen = "127.0.0.1:0";
    o.node.lease = 2000ms;
    o.node.heartbeat = 200ms;
    return o;
  }
  /// Starts a node, or returns the one that runs.
  runtime& node(const std::string& name) { return start(options_of(name)); }
  runtime& start(runtime_options o) {
    auto& place = nodes_[o.name];
    if (place) return *place;
    o.store = redis_->url();
    o.log = [this](log_level, std::string_view line) { log.add(line); };
    place = std::make_unique<runtime>(std::move(o));
    return *place;
  }
  void stop(const std::string& name) { nodes_.erase(name); }
  /// Waits until all nodes are connected to all.
  [[nodiscard]] bool await_connections() {
    return wait_until([this] {
      return std::ranges::all_of(nodes_, [this](const auto& n) {
        const auto others = n.second->nodes();
        return others.size() == nodes_.size() && std::ranges::all_of(others, &node_info::connected);
      });
    });
  }

  redis_server& redis() { return *redis_; }
  log_lines log;

 private:
  std::optional<redis_server> redis_;
  std::map<std::string, std::unique_ptr<runtime>> nodes_;
};

}  // namespace banyan::test
