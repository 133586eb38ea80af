#pragma once

#include <optional>

#include <boost/asio/ip/tcp.hpp>

#include "nodes/address.hpp"

namespace banyan::detail {

boost::asio::ip::tcp::endpoint on_this_machine(std::uint16_t port);

/// Of an address whose host is a number; nothing where it is a name, that has to be looked up.
std::optional<boost::asio::ip::tcp::endpoint> endpoint_of(const network_address& a);

/// Listens for any number of connections. Throws `error` (`invalid_argument`).
boost::asio::ip::tcp::acceptor listen_at(boost::asio::io_context& io, const network_address& where);

/// Listens on a port of this machine that is no other's, for one connection. Throws `error` (`invalid_argument`).
boost::asio::ip::tcp::acceptor listen_for_one(boost::asio::io_context& io);

/// For a socket that was just connected: programs that this process starts do not get it, and short messages do not
/// wait for longer ones.
void prepare(boost::asio::ip::tcp::socket& s);

}  // namespace banyan::detail
