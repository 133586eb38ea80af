#include "nodes/tls_context.hpp"

#include <openssl/err.h>

#include <system_error>

#include <boost/asio/ssl/error.hpp>

#include <banyan/error.hpp>

namespace banyan::detail {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

void use_file(const error_code& failed, const char* what, const std::string& path) {
  if (!failed) return;
  throw error(errc::invalid_argument,
              std::string("TLS: cannot use the ") + what + " " + path + ": " + tls_reason(failed));
}

void fit_together(SSL_CTX* context, const tls_files& files) {
  if (SSL_CTX_check_private_key(context) == 1) return;
  throw error(errc::invalid_argument,
              "TLS: cannot use the key " + files.key + ": it is not that of the certificate " + files.certificate);
}

void restrict(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Connections are few and long: what makes others quick is only more for strangers to try.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

ssl::context make_tls_context(const tls_files& files) {
  ssl::context context(ssl::context::tls);
  restrict(context.native_handle());
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  // Nobody is there to be asked for a key's passphrase.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
  error_code failed;
  use_file(context.load_verify_file(files.ca, failed), "authorities in", files.ca);
  use_file(context.use_certificate_chain_file(files.certificate, failed), "certificate", files.certificate);
  use_file(context.use_private_key_file(files.key, ssl::context::pem, failed), "key", files.key);
  fit_together(context.native_handle(), files);
  return context;
}

std::string tls_reason(const error_code& e) {
  const auto code = static_cast<unsigned>(e.value());
  // Asio has no text for what the system told OpenSSL.
  if (e.category() == boost::asio::error::get_ssl_category() && ERR_SYSTEM_ERROR(code)) {
    return std::generic_category().message(ERR_GET_REASON(code));
  }
  return e.message();
}

}  // namespace banyan::detail
