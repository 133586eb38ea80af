#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/free_ports.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/wait_until.hpp"

namespace banyan::test {

/// A Redis Cluster of three masters, without replicas.
class redis_masters {
 public:
  redis_masters() : ports_(free_ports(3)) {
    const std::vector<std::pair<const char*, const char*>> slots{{"0", "5460"}, {"5461", "10922"}, {"10923", "16383"}};
    for (std::size_t i = 0; i < ports_.size(); ++i) {
      servers_.push_back(std::make_unique<redis_server>(std::vector<std::string>{
          "--port", std::to_string(ports_[i]), "--bind", "127.0.0.1", "--cluster-enabled", "yes"}));
      servers_[i]->ask({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
      servers_[i]->ask({"CLUSTER", "ADDSLOTSRANGE", slots[i].first, slots[i].second});
      servers_[i]->ask({"CLUSTER", "MEET", "127.0.0.1", std::to_string(ports_.front())});
    }
    if (!wait_until([this] { return up(); })) throw std::runtime_error("the servers do not become a cluster");
  }

  std::string url() const { return "redis://127.0.0.1:" + std::to_string(ports_.front()); }

 private:
  bool up() const {
    return std::ranges::all_of(servers_, [](const auto& s) {
      const std::string info = s->ask({"CLUSTER", "INFO"});
      return info.find("cluster_state:ok") != info.npos && info.find("cluster_known_nodes:3") != info.npos;
    });
  }

  std::vector<int> ports_;
  std::vector<std::unique_ptr<redis_server>> servers_;
};

}  // namespace banyan::test
