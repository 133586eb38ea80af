#include "nodes/tls_gate.hpp"

#include <thread>

#include <boost/asio/executor_work_guard.hpp>

#include <banyan/error.hpp>

#include "nodes/sockets.hpp"
#include "nodes/tls_arrivals.hpp"
#include "nodes/tls_context.hpp"
#include "nodes/tls_departures.hpp"

namespace banyan::detail {

namespace asio = boost::asio;

struct tls_gate::implementation {
  explicit implementation(const settings& s)
      : context(make_tls_context({s.certificate, s.key, s.ca})),
        work(io.get_executor()),
        arrivals(io, context, listen_at(io, s.listen), {s.inside, s.unfinished, {s.handshake, s.stall}}, s.warn),
        departures(io, context, {s.handshake, s.stall}, s.warn) {
    arrivals.let_in();
    thread = std::thread([this] { run(); });
  }
  ~implementation() {
    io.stop();
    thread.join();
  }

  void run() {
    for (;;) {
      try {
        io.run();
        return;
      } catch (const std::exception&) {
        // Memory is short. Whoever it was about is gone, and the others go on.
      }
    }
  }

  asio::ssl::context context;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  tls_arrivals arrivals;
  tls_departures departures;
  std::thread thread;
};

tls_gate::tls_gate(const settings& s) try : address_(s.listen), impl_(std::make_unique<implementation>(s)) {
  address_.port = impl_->arrivals.port();
} catch (const boost::system::system_error& e) {
  throw error(errc::invalid_argument, std::string("cannot make a gate for TLS: ") + e.what());
}

tls_gate::~tls_gate() { stop(); }

std::uint16_t tls_gate::tunnel_to(const network_address& to) {
  const std::lock_guard lock(mutex_);
  if (!impl_) throw error(errc::stopped, "the gate for TLS is closed");
  return impl_->departures.tunnel_to(to);
}

void tls_gate::stop() {
  const std::lock_guard lock(mutex_);
  impl_.reset();
}

}  // namespace banyan::detail
