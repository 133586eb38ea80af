#include "nodes/tls_departures.hpp"

#include <vector>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>

#include "nodes/sockets.hpp"

namespace banyan::detail {

namespace asio = boost::asio;
using boost::system::error_code;

std::uint16_t tls_departures::tunnel_to(const network_address& to) {
  const auto entry = std::make_shared<tcp::acceptor>(listen_for_one(io_));
  const std::uint16_t port = entry->local_endpoint().port();
  asio::post(io_, [this, entry, to] { await(entry, to); });
  return port;
}

void tls_departures::await(const std::shared_ptr<tcp::acceptor>& entry, const network_address& to) {
  const auto t = std::make_shared<tls_tunnel>(io_, context_, limits_, [this, entry, to](const std::string& why) {
    error_code ignored;
    entry->close(ignored);
    warn_.say("TLS with " + to.str() + " failed: " + why);
  });
  t->start_clock();
  entry->async_accept(t->inside(), [this, entry, t, to](const error_code& failed) {
    if (t->is_closed()) return;
    if (failed) return t->fail(failed.message());
    error_code ignored;
    entry->close(ignored);
    prepare(t->inside());
    look_up(t, to);
  });
}

/// A name is looked up by a thread of Asio's; numbers need none.
void tls_departures::look_up(const tunnel& t, const network_address& to) {
  if (const auto number = endpoint_of(to)) return connect(t, std::vector<tcp::endpoint>{*number});
  const auto flags = tcp::resolver::address_configured | tcp::resolver::numeric_service;
  const auto names = std::make_shared<tcp::resolver>(io_);
  names->async_resolve(to.host, std::to_string(to.port), flags,
                       [this, names, t](const error_code& failed, const tcp::resolver::results_type& places) {
                         if (t->is_closed()) return;
                         if (failed) return t->fail(failed.message());
                         connect(t, places);
                       });
}

template <class Places>
void tls_departures::connect(const tunnel& t, const Places& places) {
  asio::async_connect(t->outside(), places, [t](const error_code& failed, const tcp::endpoint&) {
    if (t->is_closed()) return;
    if (failed) return t->fail(failed.message());
    prepare(t->outside());
    t->shake_hands(tls_tunnel::side::client, [t] { t->copy(); });
  });
}

}  // namespace banyan::detail
