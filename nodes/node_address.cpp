#include "nodes/node_address.hpp"

#include <charconv>
#include <system_error>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

[[noreturn]] void reject_address(std::string_view text) {
  throw error(errc::invalid_argument,
              "'" + std::string(text) + "' is no address: HOST:PORT or [IPV6]:PORT is expected");
}

}  // namespace

std::string node_address::str() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

node_address node_address::parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) reject_address(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view number = text.substr(colon + 1);
  const bool in_brackets = host.front() == '[' && host.back() == ']';
  if (in_brackets) host = host.substr(1, host.size() - 2);
  if (host.empty() || (!in_brackets && host.find(':') != std::string_view::npos)) reject_address(text);
  node_address a{std::string(host), 0};
  const auto [end, failed] = std::from_chars(number.data(), number.data() + number.size(), a.port);
  if (failed != std::errc() || end != number.data() + number.size()) reject_address(text);
  return a;
}

}  // namespace banyan::detail
