#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "nodes/seldom.hpp"
#include "nodes/tls_tunnel.hpp"

namespace banyan::detail {

/// Lets in who comes from outside and shows a certificate. Its thread is that of `io`, which has to be stopped before
/// it goes.
class tls_arrivals {
 public:
  struct settings {
    std::uint16_t inside;    ///< the port on this machine where it leads to
    std::size_t unfinished;  ///< connections that are not through yet
    tls_tunnel::limits limits;
  };

  tls_arrivals(boost::asio::io_context& io, boost::asio::ssl::context& context, boost::asio::ip::tcp::acceptor door,
               settings s, std::function<void(const std::string&)> warn);

  std::uint16_t port() const { return door_.local_endpoint().port(); }
  /// Begins. May be called before `io` has its thread.
  void let_in();

 private:
  using tcp = boost::asio::ip::tcp;

  void take_breath();
  void receive(tcp::socket s);
  void make_room();
  void lead_inside(const std::shared_ptr<tls_tunnel>& t);

  boost::asio::io_context& io_;
  boost::asio::ssl::context& context_;
  tcp::acceptor door_;
  const settings settings_;
  seldom warn_;
  boost::asio::steady_timer breath_;
  std::deque<std::weak_ptr<tls_tunnel>> unfinished_;  ///< the oldest comes first
};

}  // namespace banyan::detail
