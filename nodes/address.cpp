#include "nodes/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>

#include <banyan/error.hpp>

#include "persistence/number_text.hpp"

namespace banyan::detail {
namespace {

bool is_ipv6(const std::string& host) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1;
}

/// The bytes of an IPv4 address, first things first.
std::optional<std::array<std::uint8_t, 4>> ipv4_bytes(const std::string& host) {
  std::array<std::uint8_t, 4> bytes{};
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool is_same_ipv6(const std::string& host, const in6_addr& other) {
  in6_addr parsed{};
  return inet_pton(AF_INET6, host.c_str(), &parsed) == 1 && std::ranges::equal(parsed.s6_addr, other.s6_addr);
}

bool is_host_name(std::string_view text) {
  constexpr std::size_t longest = 253;
  return !text.empty() && text.size() <= longest && text.front() != '-' && std::ranges::all_of(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_';
  });
}

}  // namespace

std::string network_address::str() const {
  return (is_ipv6(host) ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool network_address::is_loopback() const {
  constexpr std::uint8_t loopback_net = 127;
  const auto v4 = ipv4_bytes(host);
  return host == "localhost" || (v4 && v4->front() == loopback_net) || is_same_ipv6(host, in6addr_loopback);
}

bool network_address::is_wildcard() const {
  const auto v4 = ipv4_bytes(host);
  return (v4 && *v4 == std::array<std::uint8_t, 4>{}) || is_same_ipv6(host, in6addr_any);
}

std::optional<network_address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  const auto port = number_in<std::uint16_t>(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!port || !(bracketed ? is_ipv6(std::string(host)) : is_host_name(host))) return std::nullopt;
  return network_address{std::string(host), *port};
}

network_address require_address(std::string_view text) {
  if (auto a = parse_address(text)) return *a;
  throw error(errc::invalid_argument,
              "'" + std::string(text) + "' is no address: HOST:PORT or [IPV6]:PORT is expected");
}

}  // namespace banyan::detail
