#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <banyan/options.hpp>

#include "actors/neighbours.hpp"
#include "nodes/hello.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// The nodes that this one is connected to, and which of them a future goes to. Knows no network. Thread-safe.
class roster {
 public:
  /// `self` is one of those that are chosen from.
  explicit roster(node_hello self);

  incarnation_id self() const { return self_; }
  /// A connection is there, or there again.
  void connected(node_hello hello);
  void disconnected(incarnation_id node);
  bool is_connected(incarnation_id node) const;
  std::vector<incarnation_id> connected_nodes() const;
  /// Of a node, or of this one.
  void set_load(incarnation_id node, std::uint64_t queued, std::uint64_t running);
  /// It takes no new work from here on.
  void set_leaving(incarnation_id node, bool leaving);
  /// What is sent to it waits already.
  void set_full(incarnation_id node, bool full);
  /// This one learned a function.
  void set_functions(const std::vector<function_version>& functions);

  /// The other node with most that waits for room, if it is more than a little; 0: there is none.
  incarnation_id busiest() const;
  bool may_run(incarnation_id node, const placement& how, const call_needs& needs) const;
  /// Empty if it is not connected.
  std::string name_of(incarnation_id node) const;
  /// As `neighbours::choose`.
  incarnation_id choose(const placement& how, const call_needs& needs);

 private:
  struct node {
    node_hello hello;
    std::unordered_map<std::string, std::uint32_t> functions;  ///< the newest version of each
    std::uint64_t queued = 0;
    std::uint64_t to_do = 0;
    bool leaving = false;
    bool full = false;
  };

  static bool knows(const node& n, const call_needs& needs);
  static bool fits(const node& n, const placement& how);
  static bool would_run(const node& n, const placement& how, const call_needs& needs);
  incarnation_id next_of(const std::vector<node*>& candidates);

  const incarnation_id self_;
  mutable std::mutex mutex_;
  std::map<incarnation_id, node> nodes_;
  std::size_t turn_ = 0;
};

}  // namespace banyan::detail
