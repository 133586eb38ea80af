#include "nodes/tls_tunnel.hpp"

#include <boost/asio/write.hpp>

#include "nodes/tls_context.hpp"

namespace banyan::detail {

namespace asio = boost::asio;
using boost::system::error_code;

tls_tunnel::tls_tunnel(asio::io_context& io, asio::ssl::context& context, limits l, report failed)
    : io_(io), limits_(l), failed_(std::move(failed)), inside_(io), outside_(io, context), clock_(io) {}

void tls_tunnel::start_clock() {
  clock_.expires_after(limits_.handshake);
  clock_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled && self->is_unfinished()) self->fail("no handshake in time");
  });
}

void tls_tunnel::shake_hands(side s, std::function<void()> then) {
  outside_.async_handshake(s, [self = shared_from_this(), then = std::move(then)](const error_code& failed) {
    if (self->closed_) return;
    if (!failed) return then();
    const long verified = SSL_get_verify_result(self->outside_.native_handle());
    self->fail(verified == X509_V_OK ? tls_reason(failed) : X509_verify_cert_error_string(verified));
  });
}

void tls_tunnel::copy() {
  clock_.cancel();
  copies_ = true;
  inwards_ = std::make_unique<direction>(io_);
  outwards_ = std::make_unique<direction>(io_);
  read(outside_, inside_, *inwards_);
  read(inside_, outside_, *outwards_);
}

template <class From, class To>
void tls_tunnel::read(From& from, To& to, direction& d) {
  from.async_read_some(asio::buffer(d.part),
                       [self = shared_from_this(), &from, &to, &d](const error_code& failed, std::size_t size) {
                         if (failed) return self->ended(failed);
                         self->write(from, to, d, size);
                       });
}

template <class From, class To>
void tls_tunnel::write(From& from, To& to, direction& d, std::size_t size) {
  // While it waits here it does not read, and would not learn that the side it reads from is gone.
  d.stall.expires_after(limits_.stall);
  d.stall.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->close();
  });
  asio::async_write(to, asio::buffer(d.part, size),
                    [self = shared_from_this(), &from, &to, &d](const error_code& failed, std::size_t) {
                      d.stall.cancel();
                      if (failed) return self->ended(failed);
                      self->read(from, to, d);
                    });
}

/// In TLS 1.3 a client hears only after its handshake that the server has refused it.
void tls_tunnel::ended(const error_code& why) {
  if (why.category() == asio::error::get_ssl_category()) return fail(tls_reason(why));
  close();
}

void tls_tunnel::fail(const std::string& why) {
  if (closed_) return;
  close();
  failed_(why);
}

void tls_tunnel::close() {
  closed_ = true;
  clock_.cancel();
  error_code ignored;
  inside_.close(ignored);
  outside().close(ignored);
}

}  // namespace banyan::detail
