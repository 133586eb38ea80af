#include "nodes/sockets.hpp"

#include <fcntl.h>

#include <vector>

#include <banyan/error.hpp>

namespace banyan::detail {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

void keep_from_children(int file) { ::fcntl(file, F_SETFD, FD_CLOEXEC); }

/// For long: it gets its port again after a restart. A port for one connection is to be no other's.
error_code listen(tcp::acceptor& a, const tcp::endpoint& where, bool for_long) {
  error_code failed;
  a.open(where.protocol(), failed);
  if (failed) return failed;
  keep_from_children(a.native_handle());
  a.set_option(tcp::acceptor::reuse_address(for_long), failed);
  a.bind(where, failed);
  if (!failed) a.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) {
    error_code ignored;
    a.close(ignored);
  }
  return failed;
}

std::vector<tcp::endpoint> look_up(asio::io_context& io, const network_address& a, error_code& failed) {
  if (const auto number = endpoint_of(a)) return {*number};
  const auto flags = tcp::resolver::passive | tcp::resolver::address_configured | tcp::resolver::numeric_service;
  std::vector<tcp::endpoint> places;
  for (const auto& place : tcp::resolver(io).resolve(a.host, std::to_string(a.port), flags, failed)) {
    places.push_back(place.endpoint());
  }
  return places;
}

}  // namespace

tcp::endpoint on_this_machine(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

std::optional<tcp::endpoint> endpoint_of(const network_address& a) {
  error_code is_a_name;
  const auto number = asio::ip::make_address(a.host, is_a_name);
  return is_a_name ? std::nullopt : std::optional(tcp::endpoint(number, a.port));
}

tcp::acceptor listen_at(asio::io_context& io, const network_address& where) {
  error_code failed;
  for (const tcp::endpoint& place : look_up(io, where, failed)) {
    tcp::acceptor a(io);
    failed = listen(a, place, true);
    if (!failed) return a;
  }
  throw error(errc::invalid_argument, "cannot listen on " + where.str() + ": " + failed.message());
}

tcp::acceptor listen_for_one(asio::io_context& io) {
  tcp::acceptor a(io);
  if (const error_code failed = listen(a, on_this_machine(0), false)) {
    throw error(errc::invalid_argument, "cannot open a port of this machine: " + failed.message());
  }
  return a;
}

void prepare(tcp::socket& s) {
  error_code ignored;
  s.set_option(tcp::no_delay(true), ignored);
  keep_from_children(s.native_handle());
}

}  // namespace banyan::detail
