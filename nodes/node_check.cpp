#include "nodes/node_check.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "nodes/address.hpp"
#include "nodes/setting_text.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {
namespace {

using problems = std::vector<option_problem>;

void check_name(const runtime_options& opts, problems& found) {
  constexpr std::size_t longest = 64;
  const std::string& name = opts.name;
  const bool fits = std::ranges::all_of(
      name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.'; });
  if (name.empty()) {
    found.push_back({"name", "is missing: a node needs one that no other has, the same at each start", "listen"});
  } else if (!fits || name.size() > longest) {
    found.push_back({"name", "takes up to 64 letters, digits, '-', '_' and '.'", ""});
  }
}

void check_store(const runtime_options& opts, problems& found) {
  try {
    if (summarize_store(opts.store).shared) return;
    found.push_back({"store", "has to be a Redis for a node, as redis://127.0.0.1:6379: nodes meet in it", "listen"});
  } catch (const error& e) {
    found.push_back({"store", "is malformed: " + e.message(), ""});
  }
}

/// Adds a problem where a text is no address.
std::optional<network_address> read_address(const char* key, const std::string& text, problems& found) {
  auto address = parse_address(text);
  if (!address) {
    found.push_back({key, "takes HOST:PORT with a port of up to 65535, as 10.0.0.5:4711 or [::1]:4711", ""});
  }
  return address;
}

void check_addresses(const node_options& node, problems& found) {
  const auto listen = read_address("listen", node.listen, found);
  if (!node.advertise.empty()) {
    const auto advertise = read_address("advertise", node.advertise, found);
    if (advertise && (advertise->port == 0 || advertise->is_wildcard())) {
      found.push_back({"advertise", "takes an address that others can reach: a host and a port that is not 0", ""});
    }
  } else if (listen && listen->is_wildcard()) {
    found.push_back(
        {"advertise", "is missing: others have to be told one address of a node that listens on all", "listen"});
  }
  if (listen && !listen->is_loopback() && node.certificate.empty() && !node.insecure) {
    found.push_back({"listen",
                     "is an address that other machines reach: this takes TLS (tls.certificate, tls.key, tls.ca), or "
                     "insecure = true where everybody who reaches it may run and read everything",
                     ""});
  }
}

void check_roles(const node_options& node, problems& found) {
  for (std::size_t i = 0; i < node.roles.size(); ++i) {
    const std::string& role = node.roles[i];
    if (role.empty()) found.push_back({"roles", "has an empty one", ""});
    const auto rest = node.roles.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(node.roles.begin(), rest, role) != rest) found.push_back({"roles", "has '" + role + "' twice", ""});
  }
}

/// Also of those that no setting could hold.
std::string in_words(std::chrono::milliseconds d) {
  constexpr auto most = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds::max());
  return d > most || d < -most ? std::to_string(d.count()) + "ms" : write_duration(d);
}

/// Those of a runtime that is no node, whose lease others go by, too.
void check_signs(const node_options& node, problems& found) {
  using std::chrono::milliseconds;
  if (node.lease <= milliseconds::zero()) found.push_back({"lease", "takes a duration above 0", ""});
  if (node.heartbeat <= milliseconds::zero()) found.push_back({"heartbeat", "takes a duration above 0", ""});
  if (node.grace < milliseconds::zero()) found.push_back({"grace", "takes a duration that is not negative", ""});
}

void check_times(const node_options& node, problems& found) {
  using std::chrono::milliseconds;
  constexpr milliseconds shortest_lease{1000};
  constexpr milliseconds longest_lease = std::chrono::hours(1);
  if (node.lease < shortest_lease || node.lease > longest_lease) {
    found.push_back({"lease", "takes a duration from 1s to 1h, not " + in_words(node.lease), ""});
  }
  if (node.heartbeat <= milliseconds::zero() || node.heartbeat > node.lease / 3) {
    found.push_back({"heartbeat",
                     "is " + in_words(node.heartbeat) +
                         ", it has to be more than 0 and at most a third of the "
                         "lease, which is " +
                         in_words(node.lease),
                     "lease"});
  }
  if (node.grace < milliseconds::zero()) found.push_back({"grace", "takes a duration that is not negative", ""});
}

void check_tls(const node_options& node, problems& found) {
  struct part {
    const char* key;
    const std::string& file;
  };
  const part parts[] = {{"tls.certificate", node.certificate}, {"tls.key", node.key}, {"tls.ca", node.ca}};
  const auto is_named = [](const part& p) { return !p.file.empty(); };
  const auto named = std::ranges::find_if(parts, is_named);
  if (named == std::end(parts)) return;
  for (const part& p : parts) {
    if (p.file.empty()) found.push_back({p.key, "is missing: TLS takes certificate, key and ca", named->key});
  }
}

}  // namespace

std::vector<option_problem> check_node_options(const runtime_options& opts) {
  problems found;
  if (opts.node.listen.empty()) {
    check_signs(opts.node, found);
    return found;
  }
  check_name(opts, found);
  check_store(opts, found);
  check_addresses(opts.node, found);
  check_roles(opts.node, found);
  check_times(opts.node, found);
  check_tls(opts.node, found);
  return found;
}

std::vector<option_problem> find_problems(const runtime_options& opts) {
  auto found = check_node_options(opts);
  if (opts.node.listen.empty()) return found;
  const auto in_files = check_tls_files(opts.node);
  found.insert(found.end(), in_files.begin(), in_files.end());
  return found;
}

std::string problem_text(const option_problem& p, const given_settings& given) {
  auto place = given.find(p.key);
  if (place == given.end()) place = given.find(p.other);
  return (place == given.end() ? "" : place->second.where + ": ") + "banyan." + p.key + " " + p.what;
}

}  // namespace banyan::detail
