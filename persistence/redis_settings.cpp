#include "persistence/redis_settings.hpp"

#include <algorithm>
#include <string_view>

#include "persistence/number_text.hpp"

namespace banyan::detail {
namespace {

constexpr std::uint16_t server_port = 6379;
constexpr std::uint16_t sentinel_port = 26379;
constexpr std::string_view option_names = "prefix, connections, command_timeout, allow_eviction";
constexpr std::string_view schemes_with_tls[] = {"rediss", "rediss+sentinel"};

bool has_tls(std::string_view scheme) { return std::ranges::count(schemes_with_tls, scheme) > 0; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// User names and passwords may hold any character as %XX.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) throw_bad_url("in the user or password a % is not followed by two hexadecimal digits");
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

redis_address address_in(std::string_view text, std::uint16_t default_port) {
  redis_address a{{}, default_port};
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos) throw_bad_url("a host that begins with [ has no ]");
    a.host = text.substr(1, end - 1);
    port = text.substr(end + 1);
  } else {
    const auto colon = text.find(':');
    a.host = text.substr(0, colon);
    if (colon != text.npos) port = text.substr(colon);
  }
  if (a.host.empty()) throw_bad_url("a host is missing, as in redis://localhost:6379");
  if (port.empty()) return a;
  const auto number = port.front() == ':' ? number_in<std::uint16_t>(port.substr(1)) : std::nullopt;
  if (!number || *number == 0) throw_bad_url("the port after " + a.host + " is not a number from 1 to 65535");
  a.port = *number;
  return a;
}

void take_credentials(redis_settings& s, std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) throw_bad_url("before @ comes user:password, or :password");
  s.user = percent_decoded(text.substr(0, colon));
  s.password = percent_decoded(text.substr(colon + 1));
}

void take_addresses(redis_settings& s, std::string_view text, bool sentinels) {
  for (;;) {
    const auto comma = sentinels ? text.find(',') : text.npos;
    s.servers.push_back(address_in(text.substr(0, comma), sentinels ? sentinel_port : server_port));
    if (comma == text.npos) return;
    text.remove_prefix(comma + 1);
  }
}

void take_db(redis_settings& s, std::string_view text) {
  constexpr unsigned highest_db = 65535;
  const auto db = number_in<unsigned>(text);
  if (!db || *db > highest_db) throw_bad_url("the database after the host is not a number, as in redis://localhost/2");
  s.db = *db;
}

/// `//[user:password@]host[:port][,...][/rest]`
void take_network_path(redis_settings& s, std::string_view path, bool sentinels) {
  if (!path.starts_with("//")) throw_bad_url("after the scheme comes //, as in redis://localhost:6379");
  path.remove_prefix(2);
  if (const auto at = path.rfind('@'); at != path.npos) {
    take_credentials(s, path.substr(0, at));
    path.remove_prefix(at + 1);
  }
  const auto slash = path.find('/');
  take_addresses(s, path.substr(0, slash), sentinels);
  const std::string_view rest = slash == path.npos ? std::string_view() : path.substr(slash + 1);
  if (sentinels) {
    const auto second = rest.find('/');
    s.master = rest.substr(0, second);
    if (s.master.empty())
      throw_bad_url("the master's name is missing, as in redis+sentinel://a:26379,b:26379/mymaster");
    if (second != rest.npos) take_db(s, rest.substr(second + 1));
  } else if (!rest.empty()) {
    take_db(s, rest);
  }
}

void take_socket_path(redis_settings& s, std::string_view path) {
  if (path.starts_with("//")) path.remove_prefix(2);
  if (const auto at = path.rfind('@'); at != path.npos && !path.starts_with('/')) {
    take_credentials(s, path.substr(0, at));
    path.remove_prefix(at + 1);
  }
  if (!path.starts_with('/')) throw_bad_url("a socket's path begins with /, as in redis+unix:///run/redis.sock");
  s.socket = path;
}

redis_tls_files take_tls_files(store_url& url) {
  redis_tls_files files;
  files.ca = url.take("ca").value_or("");
  files.certificate = url.take("certificate").value_or("");
  files.key = url.take("key").value_or("");
  if (files.certificate.empty() != files.key.empty()) throw_bad_url("options certificate and key go together");
  return files;
}

void take_options(redis_settings& s, store_url& url, bool with_db) {
  constexpr std::uint64_t most_connections = 64;
  constexpr std::uint64_t longest_timeout_ms = 3'600'000;
  if (auto prefix = url.take("prefix")) {
    if (prefix->empty() || prefix->find_first_of("{}") != std::string::npos) {
      throw_bad_url("option prefix is empty or holds a brace");
    }
    s.prefix = std::move(*prefix);
  }
  if (const auto n = url.take_number("connections", most_connections)) {
    if (*n == 0) throw_bad_url("option connections is at least 1");
    s.connections = static_cast<unsigned>(*n);
  }
  if (const auto ms = url.take_number("command_timeout", longest_timeout_ms)) {
    if (*ms == 0) throw_bad_url("option command_timeout is at least 1 (ms)");
    s.command_timeout = std::chrono::milliseconds(*ms);
  }
  s.allow_eviction = url.take_choice("allow_eviction", {"no", "yes"}).value_or(0) == 1;
  if (with_db) {
    if (const auto db = url.take("db")) take_db(s, *db);
  }
  url.expect_no_options(std::string(option_names) + (with_db ? ", db" : "") + (s.tls ? ", ca, certificate, key" : ""));
}

}  // namespace

std::string redis_address::str() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_redis_scheme(std::string_view scheme) {
  return scheme == "redis" || scheme == "redis+unix" || scheme == "redis+sentinel" || has_tls(scheme);
}

redis_settings redis_settings::take(store_url& url) {
  redis_settings s;
  const bool unix_socket = url.scheme() == "redis+unix";
  if (has_tls(url.scheme())) s.tls = take_tls_files(url);
  if (unix_socket) {
    take_socket_path(s, url.path());
  } else {
    take_network_path(s, url.path(), url.scheme().ends_with("+sentinel"));
  }
  take_options(s, url, unix_socket);
  return s;
}

std::string redis_settings::describe() const {
  const std::string in_db = db == 0 ? "" : "/" + std::to_string(db);
  if (!socket.empty()) return "redis+unix://" + socket + (db == 0 ? "" : "?db=" + std::to_string(db));
  std::string text = std::string(tls ? "rediss" : "redis") + (master.empty() ? "://" : "+sentinel://");
  for (std::size_t i = 0; i < servers.size(); ++i) text += (i == 0 ? "" : ",") + servers[i].str();
  if (!master.empty()) text += "/" + master;
  return text + in_db;
}

}  // namespace banyan::detail
