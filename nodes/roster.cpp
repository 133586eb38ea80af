#include "nodes/roster.hpp"

#include <algorithm>

#include "actors/waiting_places.hpp"

namespace banyan::detail {

namespace {

std::unordered_map<std::string, std::uint32_t> newest_of(const std::vector<function_version>& functions) {
  std::unordered_map<std::string, std::uint32_t> newest;
  for (const function_version& f : functions) newest[f.name] = std::max(newest[f.name], f.version);
  return newest;
}

}  // namespace

roster::roster(node_hello self) : self_(self.incarnation) { connected(std::move(self)); }

void roster::connected(node_hello hello) {
  const std::lock_guard lock(mutex_);
  node& n = nodes_[hello.incarnation];
  n.functions = newest_of(hello.functions);
  n.hello = std::move(hello);
}

void roster::disconnected(incarnation_id node) {
  const std::lock_guard lock(mutex_);
  if (node != self_) nodes_.erase(node);
}

bool roster::is_connected(incarnation_id node) const {
  const std::lock_guard lock(mutex_);
  return nodes_.contains(node);
}

std::vector<incarnation_id> roster::connected_nodes() const {
  std::vector<incarnation_id> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, n] : nodes_) {
    if (id != self_) found.push_back(id);
  }
  return found;
}

void roster::set_load(incarnation_id node, std::uint64_t queued, std::uint64_t running) {
  const std::lock_guard lock(mutex_);
  const auto it = nodes_.find(node);
  if (it == nodes_.end()) return;
  it->second.queued = queued;
  it->second.to_do = queued + running;
}

incarnation_id roster::busiest() const {
  incarnation_id found = 0;
  std::uint64_t most = 1;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, n] : nodes_) {
    if (id == self_ || n.queued <= most) continue;
    most = n.queued;
    found = id;
  }
  return found;
}

bool roster::may_run(incarnation_id node, const placement& how, const call_needs& needs) const {
  const std::lock_guard lock(mutex_);
  const auto it = nodes_.find(node);
  return it != nodes_.end() && would_run(it->second, how, needs);
}

std::string roster::name_of(incarnation_id node) const {
  const std::lock_guard lock(mutex_);
  const auto it = nodes_.find(node);
  return it == nodes_.end() ? std::string() : it->second.hello.name;
}

void roster::set_leaving(incarnation_id node, bool leaving) {
  const std::lock_guard lock(mutex_);
  if (const auto it = nodes_.find(node); it != nodes_.end()) it->second.leaving = leaving;
}

void roster::set_full(incarnation_id node, bool full) {
  const std::lock_guard lock(mutex_);
  if (const auto it = nodes_.find(node); it != nodes_.end()) it->second.full = full;
}

void roster::set_functions(const std::vector<function_version>& functions) {
  const std::lock_guard lock(mutex_);
  nodes_[self_].functions = newest_of(functions);
}

bool roster::fits(const node& n, const placement& how) {
  switch (how.how) {
    case placement::kind::role: return std::ranges::count(n.hello.card.roles, how.name.str()) > 0;
    case placement::kind::on: return n.hello.name == how.name.str();
    default: return true;
  }
}

bool roster::knows(const node& n, const call_needs& needs) {
  const std::string_view queue = needs.queue;
  if (!queue.empty() && !is_section(queue) && std::ranges::count(n.hello.queues, queue) == 0) return false;
  const auto newest = n.functions.find(std::string(needs.function.name));
  if (newest == n.functions.end() || newest->second < needs.function.version) return false;
  return std::ranges::all_of(needs.given, [&](const std::string& name) { return n.functions.contains(name); });
}

bool roster::would_run(const node& n, const placement& how, const call_needs& needs) {
  return !n.leaving && !n.full && knows(n, needs) && fits(n, how);
}

incarnation_id roster::choose(const placement& how, const call_needs& needs) {
  const std::lock_guard lock(mutex_);
  node& own = nodes_[self_];
  // What is already here stays, where nothing speaks against it.
  if (how.how == placement::kind::local && (knows(own, needs) || nodes_.size() == 1)) return self_;
  std::vector<node*> candidates;
  for (auto& [id, n] : nodes_) {
    if (would_run(n, how, needs)) candidates.push_back(&n);
  }
  if (candidates.empty()) return how.how == placement::kind::local ? self_ : 0;
  if (how.how != placement::kind::spread) {
    const auto idlest = std::ranges::min_element(candidates, {}, [](const node* n) { return n->to_do; });
    std::erase_if(candidates, [least = (*idlest)->to_do](const node* n) { return n->to_do > least; });
  }
  const incarnation_id chosen = next_of(candidates);
  // Until it says how much it has to do, this one more.
  ++nodes_[chosen].to_do;
  return chosen;
}

incarnation_id roster::next_of(const std::vector<node*>& candidates) {
  return candidates[turn_++ % candidates.size()]->hello.incarnation;
}

}  // namespace banyan::detail
