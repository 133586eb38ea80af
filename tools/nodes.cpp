#include <algorithm>
#include <vector>

#include "messages/clock.hpp"
#include "messages/json_writer.hpp"
#include "nodes/node_list.hpp"
#include "persistence/membership.hpp"
#include "persistence/view_json.hpp"
#include "tools/commands.hpp"
#include "tools/format.hpp"
#include "tools/table.hpp"

namespace banyan::tools {
namespace {

detail::membership& cluster_of(detail::store& s) {
  if (detail::membership* const m = s.cluster()) return *m;
  throw error(errc::invalid_argument, s.describe() + " is for one program at a time and has no nodes; a Redis has");
}

std::vector<node_info> nodes_of(detail::store& s) {
  cluster_of(s);
  return detail::list_nodes(s, [](detail::incarnation_id) { return false; });
}

std::string state_text(const node_info& n) {
  if (!n.alive) return "gone";
  return n.draining ? "draining" : "alive";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text.empty() ? "-" : text;
}

/// What a node that is gone was doing is of no interest any more.
std::vector<std::string> make_row(const node_info& n, detail::millis now) {
  const auto of_living = [&](const std::string& text) { return n.alive ? text : "-"; };
  return {printable(n.name),
          printable(n.address),
          printable(joined(n.roles)),
          of_living(age_text(now - detail::to_millis(n.since))),
          of_living(number_text(n.running)),
          of_living(number_text(n.pending)),
          of_living(span_text(n.lease_left.count())),
          state_text(n)};
}

void print_json(const std::vector<node_info>& nodes, output& out) {
  detail::json_writer json;
  json.begin_array();
  for (const node_info& n : nodes) {
    json.begin_object().name("name").string(n.name).name("address").string(n.address);
    json.name("roles").begin_array();
    for (const std::string& role : n.roles) json.string(role);
    json.end_array();
    json.name("version").string(n.version);
    json.name("since").string(detail::iso_time(detail::to_millis(n.since)));
    json.name("running").number(n.alive ? n.running : 0);
    json.name("pending").number(n.alive ? n.pending : 0);
    json.name("lease_left_ms").number(std::int64_t{n.lease_left.count()});
    json.name("state").string(state_text(n)).end_object();
  }
  json.end_array();
  out.line(json.take());
}

}  // namespace

int list_cluster(detail::store& s, const request& r, output& out) {
  const std::vector<node_info> nodes = nodes_of(s);
  if (r.json) {
    print_json(nodes, out);
    return exit_success;
  }
  const detail::millis now = detail::now_ms();
  std::vector<std::vector<std::string>> rows{
      {"NAME", "ADDRESS", "ROLES", "UP", "RUNNING", "PENDING", "LEASE", "STATE"}};
  for (const node_info& n : nodes) rows.push_back(make_row(n, now));
  print_table(rows, out);
  return exit_success;
}

int drain_node(detail::store& s, const request& r, output& out) {
  const std::string name = printable(r.node);
  if (!cluster_of(s).set_draining(r.node, !r.undo)) {
    throw error(errc::not_found, "no node '" + name + "' in " + s.describe() + "; `banyan nodes` lists them");
  }
  const std::vector<node_info> nodes = nodes_of(s);
  const bool alive = std::ranges::any_of(nodes, [&](const node_info& n) { return n.name == r.node && n.alive; });
  if (!alive) {
    out.line(name + " is gone; when it is started again, it takes work");
  } else if (r.undo) {
    out.line(name + " may stay: it takes new work from its next heartbeat on");
  } else {
    out.line(name + " is to leave: it takes no new work from its next heartbeat on");
  }
  return exit_success;
}

}  // namespace banyan::tools
