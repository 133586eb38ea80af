#include "persistence/redis_tls.hpp"

#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>

#include <banyan/error.hpp>

#include "persistence/redis_error.hpp"

namespace banyan::detail {
namespace {

struct free_tls {
  void operator()(SSL_CTX* c) const { SSL_CTX_free(c); }
  void operator()(SSL* s) const { SSL_free(s); }
};
using tls_settings = std::unique_ptr<SSL_CTX, free_tls>;
using tls_session = std::unique_ptr<SSL, free_tls>;

[[noreturn]] void fail(const std::string& what, const std::string& why) {
  throw error(errc::store_unavailable, what + (why.empty() ? "" : ": " + why));
}

void use_file(bool used, const char* what, const std::string& path) {
  if (!used) fail(std::string("TLS: cannot use the ") + what + " " + path, redis_tls_reason());
}

tls_settings make_settings(const redis_tls_files& files) {
  tls_settings c(SSL_CTX_new(TLS_client_method()));
  if (!c) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(c.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(c.get(), SSL_VERIFY_PEER, nullptr);
  if (files.ca.empty()) {
    SSL_CTX_set_default_verify_paths(c.get());
  } else {
    use_file(SSL_CTX_load_verify_locations(c.get(), files.ca.c_str(), nullptr) == 1, "authorities in", files.ca);
  }
  // Nobody is there to be asked for a key's passphrase.
  SSL_CTX_set_default_passwd_cb(c.get(), [](char*, int, int, void*) { return -1; });
  if (!files.certificate.empty()) {
    use_file(SSL_CTX_use_certificate_chain_file(c.get(), files.certificate.c_str()) == 1, "certificate",
             files.certificate);
    use_file(SSL_CTX_use_PrivateKey_file(c.get(), files.key.c_str(), SSL_FILETYPE_PEM) == 1, "key", files.key);
  }
  return c;
}

/// Whom the certificate has to name.
void expect_host(SSL& session, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&session), host.c_str()) == 1) return;
  ERR_clear_error();
  if (SSL_set1_host(&session, host.c_str()) != 1 || SSL_set_tlsext_host_name(&session, host.c_str()) != 1) {
    fail("TLS: cannot ask for a certificate of " + host, redis_tls_reason());
  }
}

}  // namespace

bool redis_has_tls() { return true; }

void start_redis_tls(redisContext& context, const redis_tls_files& files, const std::string& host) {
  const redis_tls_call call;
  const tls_settings settings = make_settings(files);
  tls_session session(SSL_new(settings.get()));
  if (!session) throw std::bad_alloc();
  expect_host(*session, host);
  errno = 0;
  if (redisInitiateSSL(&context, session.get()) == REDIS_OK) {
    session.release();
    return;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK) fail("TLS with " + host + " failed", redis_no_answer);
  const long verified = SSL_get_verify_result(session.get());
  if (verified != X509_V_OK) {
    fail("TLS: the certificate of " + host + " is not trusted", X509_verify_cert_error_string(verified));
  }
  fail("TLS with " + host + " failed", context.errstr);
}

redis_tls_call::redis_tls_call() {
  ERR_clear_error();
  sigset_t pending;
  ::sigpending(&pending);
  was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
  // All but those that tell of a fault of this thread itself.
  sigset_t blocked;
  ::sigfillset(&blocked);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT}) ::sigdelset(&blocked, fault);
  ::pthread_sigmask(SIG_SETMASK, &blocked, &before_);
}

redis_tls_call::~redis_tls_call() {
  const int kept = errno;
  if (!was_pending_) {
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    const timespec at_once{};
    ::sigtimedwait(&pipe, nullptr, &at_once);
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  errno = kept;
}

std::string redis_tls_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason ? reason : "";
}

}  // namespace banyan::detail
