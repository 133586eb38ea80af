#pragma once

#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace banyan::detail {

/// Files in PEM.
struct tls_files {
  std::string certificate, key, ca;
};

/// What nodes speak, as servers and as clients: TLS 1.2 or newer, and the other side has to show a certificate that an
/// authority in `ca` vouches for. Throws `error` (`invalid_argument`) that names the file that cannot be used.
boost::asio::ssl::context make_tls_context(const tls_files& files);

/// What an error of Asio's or OpenSSL's says.
std::string tls_reason(const boost::system::error_code& e);

}  // namespace banyan::detail
