#pragma once

#include <memory>

#include <boost/asio/io_context.hpp>

#include "nodes/address.hpp"
#include "nodes/seldom.hpp"
#include "nodes/tls_tunnel.hpp"

namespace banyan::detail {

/// Leads from ports of this machine to other gates. Its thread is that of `io`, which has to be stopped before it goes.
class tls_departures {
 public:
  tls_departures(boost::asio::io_context& io, boost::asio::ssl::context& context, tls_tunnel::limits limits,
                 std::function<void(const std::string&)> warn)
      : io_(io), context_(context), limits_(limits), warn_(std::move(warn)) {}

  /// See `tls_gate::tunnel_to`. Any thread may call it.
  std::uint16_t tunnel_to(const network_address& to);

 private:
  using tcp = boost::asio::ip::tcp;
  using tunnel = std::shared_ptr<tls_tunnel>;

  void await(const std::shared_ptr<tcp::acceptor>& entry, const network_address& to);
  void look_up(const tunnel& t, const network_address& to);
  template <class Places>
  void connect(const tunnel& t, const Places& places);

  boost::asio::io_context& io_;
  boost::asio::ssl::context& context_;
  const tls_tunnel::limits limits_;
  seldom warn_;
};

}  // namespace banyan::detail
