#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

namespace banyan::detail {

/// A connection by TLS and one within this machine, and what is copied between them. Held by what is under way on
/// either. Its thread is that of `io`.
class tls_tunnel : public std::enable_shared_from_this<tls_tunnel> {
 public:
  using tcp = boost::asio::ip::tcp;
  using side = boost::asio::ssl::stream_base::handshake_type;
  struct limits {
    std::chrono::milliseconds handshake;  ///< from `start_clock` to `copy`
    std::chrono::milliseconds stall;      ///< for each write
  };
  using report = std::function<void(const std::string& why)>;

  /// `failed` hears why it came to nothing, and of errors of TLS later on.
  tls_tunnel(boost::asio::io_context& io, boost::asio::ssl::context& context, limits l, report failed);

  tcp::socket& inside() { return inside_; }
  tcp::socket& outside() { return outside_.next_layer(); }

  void start_clock();
  /// Over the outside socket, which is connected. `then` follows unless it fails, which closes the tunnel.
  void shake_hands(side s, std::function<void()> then);
  /// From here on bytes pass, until one side ends. Both sockets are connected.
  void copy();
  /// It neither copies nor is it over.
  bool is_unfinished() const { return !copies_ && !closed_; }
  bool is_closed() const { return closed_; }
  void fail(const std::string& why);
  void close();

 private:
  /// What passes one way. It is read again once it is written: a side that is slow holds up the other.
  struct direction {
    explicit direction(boost::asio::io_context& io) : stall(io) {}
    std::array<char, 16384> part;
    boost::asio::steady_timer stall;
  };

  template <class From, class To>
  void read(From& from, To& to, direction& d);
  template <class From, class To>
  void write(From& from, To& to, direction& d, std::size_t size);
  void ended(const boost::system::error_code& why);

  boost::asio::io_context& io_;
  const limits limits_;
  const report failed_;
  tcp::socket inside_;
  boost::asio::ssl::stream<tcp::socket> outside_;
  boost::asio::steady_timer clock_;
  std::unique_ptr<direction> inwards_, outwards_;
  bool copies_ = false;
  bool closed_ = false;
};

}  // namespace banyan::detail
