#include "tests/support/tls_client.hpp"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <csignal>
#include <future>
#include <memory>
#include <stdexcept>

#include "tests/support/plain_socket.hpp"

namespace banyan::test {
namespace {

struct free_tls {
  void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
  void operator()(SSL* s) const { SSL_free(s); }
};
using context = std::unique_ptr<SSL_CTX, free_tls>;
using session = std::unique_ptr<SSL, free_tls>;

context make_context(const tls_identity& who, int newest) {
  context c(SSL_CTX_new(TLS_client_method()));
  if (!c) throw std::bad_alloc();
  SSL_CTX_set_security_level(c.get(), 0);
  if (newest != 0) SSL_CTX_set_max_proto_version(c.get(), newest);
  if (who.certificate.empty()) return c;
  if (SSL_CTX_use_certificate_chain_file(c.get(), who.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(c.get(), who.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    throw std::runtime_error("cannot use " + who.certificate);
  }
  return c;
}

std::string ask(std::uint16_t port, const std::string& text, const tls_identity& who, int newest) {
  const context c = make_context(who, newest);
  const session s(SSL_new(c.get()));
  const plain_socket connection(port);
  const timeval limit{patience.count(), 0};
  ::setsockopt(connection.file(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  SSL_set_fd(s.get(), connection.file());
  if (SSL_connect(s.get()) != 1 || SSL_write(s.get(), text.data(), static_cast<int>(text.size())) <= 0) return {};
  std::string answer;
  std::array<char, 1024> part;
  while (answer.size() < text.size()) {
    const int n = SSL_read(s.get(), part.data(), part.size());
    if (n <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(n));
  }
  return answer;
}

}  // namespace

std::string ask_by_tls(std::uint16_t port, const std::string& text, const tls_identity& who, int newest) {
  // OpenSSL writes to what may be closed; the signal of that dies with the thread.
  return std::async(std::launch::async,
                    [&] {
                      sigset_t pipe;
                      ::sigemptyset(&pipe);
                      ::sigaddset(&pipe, SIGPIPE);
                      ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
                      return ask(port, text, who, newest);
                    })
      .get();
}

std::string client_hello() {
  const context c = make_context({}, 0);
  const session s(SSL_new(c.get()));
  BIO* const out = BIO_new(BIO_s_mem());
  SSL_set_bio(s.get(), BIO_new(BIO_s_mem()), out);
  SSL_connect(s.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace banyan::test
