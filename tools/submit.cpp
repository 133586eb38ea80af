#include <algorithm>
#include <chrono>

#include <banyan/runtime.hpp>

#include "messages/json.hpp"
#include "nodes/node_list.hpp"
#include "persistence/submit.hpp"
#include "tools/commands.hpp"
#include "tools/ending.hpp"
#include "tools/follow.hpp"
#include "tools/format.hpp"

namespace banyan::tools {
namespace {

using namespace std::chrono_literals;
using detail::store;

/// The arguments as one msgpack array.
bytes encode_arguments(const request& r) {
  detail::bytes_sink sink;
  msgpack::packer<detail::bytes_sink>(sink).pack_array(static_cast<std::uint32_t>(r.arguments.size()));
  for (std::size_t i = 0; i < r.arguments.size(); ++i) {
    try {
      sink.data += detail::json_to_payload(r.arguments[i]);
    } catch (const error& e) {
      throw error(e.code(), "argument " + std::to_string(i + 1) + " of " + printable(r.function) + ": " + e.message() +
                                "; a text takes quotes of its own, as in '\"text\"'");
    }
  }
  detail::check_payload(sink.data, limits{}.max_payload, limits{}.max_depth, "the arguments of " + r.function);
  return std::move(sink.data);
}

bool takes(const node_info& n, const placement& wanted) {
  if (!n.alive || n.draining) return false;
  if (wanted.how == placement::kind::on) return wanted.name == n.name;
  return wanted.how != placement::kind::role || std::ranges::count(n.roles, wanted.name.str()) > 0;
}

/// What keeps a new root waiting, as far as it can be seen from here; empty: nothing.
std::string obstacle(store& s, const placement& wanted) {
  if (!s.shared()) {
    return s.has_driver() ? "" : "no program runs this store; it starts when one opens it that knows the function";
  }
  const std::vector<node_info> nodes = detail::list_nodes(s, [](detail::incarnation_id) { return false; });
  if (std::ranges::any_of(nodes, [&](const node_info& n) { return takes(n, wanted); })) return {};
  const std::string name = printable(wanted.name.str());
  switch (wanted.how) {
    case placement::kind::role: return "no node with the role '" + name + "' is alive; it starts when one comes";
    case placement::kind::on: return "the node '" + name + "' is not alive; it starts when that comes";
    default:
      return std::ranges::none_of(nodes, &node_info::alive) ? "no node is alive; it starts when one comes"
                                                            : "all nodes are to leave; it starts when another comes";
  }
}

int wait_for(store& s, const key& k, output& out) {
  constexpr auto interval = 100ms;
  const signal_guard signals;
  const detail::future_view v = follow(s, k, interval, signals, [](const detail::future_view&) {});
  if (!is_final(v.status)) return exit_by_signal + signals.received();
  if (v.status == status::success) out.line(detail::payload_to_json(v.value));
  return report_ending(v);
}

}  // namespace

int submit_call(store& s, const request& r, output& out) {
  const bytes arguments = encode_arguments(r);
  const detail::submitted root = submit_root(s, r.options, r.function, arguments, s.time());
  out.line(root.key.str());
  out.flush();
  if (!root.joined) {
    if (const std::string why = obstacle(s, r.options.placement); !why.empty()) complain(why);
  }
  return r.wait ? wait_for(s, root.key, out) : exit_success;
}

}  // namespace banyan::tools
