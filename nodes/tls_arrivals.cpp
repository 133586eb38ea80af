#include "nodes/tls_arrivals.hpp"

#include "nodes/sockets.hpp"

namespace banyan::detail {

namespace asio = boost::asio;
using boost::system::error_code;

tls_arrivals::tls_arrivals(asio::io_context& io, asio::ssl::context& context, tcp::acceptor door, settings s,
                           std::function<void(const std::string&)> warn)
    : io_(io), context_(context), door_(std::move(door)), settings_(s), warn_(std::move(warn)), breath_(io) {}

void tls_arrivals::let_in() {
  door_.async_accept([this](const error_code& failed, tcp::socket s) {
    if (failed) return take_breath();
    try {
      receive(std::move(s));
    } catch (const std::exception& e) {
      warn_.say(std::string("TLS: ") + e.what());
    }
    let_in();
  });
}

/// There is no file left for a socket, and it would be told so again at once.
void tls_arrivals::take_breath() {
  breath_.expires_after(std::chrono::milliseconds(100));
  breath_.async_wait([this](const error_code& cancelled) {
    if (!cancelled) let_in();
  });
}

void tls_arrivals::receive(tcp::socket s) {
  error_code gone;
  const tcp::endpoint who = s.remote_endpoint(gone);
  if (gone) return;
  const network_address from{who.address().to_string(), who.port()};
  const auto t = std::make_shared<tls_tunnel>(io_, context_, settings_.limits, [this, from](const std::string& why) {
    warn_.say("TLS: " + from.str() + " was turned away: " + why);
  });
  t->outside() = std::move(s);
  prepare(t->outside());
  make_room();
  unfinished_.push_back(t);
  t->start_clock();
  t->shake_hands(tls_tunnel::side::server, [this, t] { lead_inside(t); });
}

/// The newest is not the one to go: strangers who keep silent would keep all others out.
void tls_arrivals::make_room() {
  std::erase_if(unfinished_, [](const auto& u) {
    const auto t = u.lock();
    return !t || !t->is_unfinished();
  });
  if (unfinished_.size() < settings_.unfinished) return;
  if (const auto longest = unfinished_.front().lock()) longest->fail("there are too many others");
  unfinished_.pop_front();
}

void tls_arrivals::lead_inside(const std::shared_ptr<tls_tunnel>& t) {
  t->inside().async_connect(on_this_machine(settings_.inside), [t](const error_code& failed) {
    if (t->is_closed()) return;
    if (failed) return t->fail(failed.message());
    prepare(t->inside());
    t->copy();
  });
}

}  // namespace banyan::detail
