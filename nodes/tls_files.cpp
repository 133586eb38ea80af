#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <new>

#include "nodes/node_check.hpp"

namespace banyan::detail {
namespace {

struct release {
  void operator()(BIO* b) const { BIO_free(b); }
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
};
using input = std::unique_ptr<BIO, release>;
using certificate = std::unique_ptr<X509, release>;
using private_key = std::unique_ptr<EVP_PKEY, release>;

/// Nobody is there to be asked for a passphrase.
int no_passphrase(char*, int, int, void*) { return -1; }

/// The newest of OpenSSL's errors, in its own words.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* const text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text ? std::string(" (") + text + ")" : "";
}

class checker {
 public:
  std::vector<option_problem> check(const node_options& node) {
    const certificate own = read<certificate>("tls.certificate", node.certificate, "a certificate", PEM_read_bio_X509);
    const private_key key =
        read<private_key>("tls.key", node.key, "a private key without a passphrase", PEM_read_bio_PrivateKey);
    read<certificate>("tls.ca", node.ca, "a certificate", PEM_read_bio_X509);
    if (own && X509_cmp_current_time(X509_get0_notAfter(own.get())) < 0) {
      found_.push_back({"tls.certificate", node.certificate + " has expired", ""});
    }
    if (own && key && X509_check_private_key(own.get(), key.get()) != 1) {
      found_.push_back({"tls.key", node.key + " is not the key of the certificate in " + node.certificate, ""});
    }
    ERR_clear_error();
    return std::move(found_);
  }

 private:
  template <class T, class Reader>
  T read(const char* key, const std::string& path, const char* kind, Reader reader) {
    ERR_clear_error();
    const input in(BIO_new_file(path.c_str(), "r"));
    if (!in) {
      found_.push_back({key, path + " cannot be opened" + reason(), ""});
      return nullptr;
    }
    T content(reader(in.get(), nullptr, no_passphrase, nullptr));
    if (!content) found_.push_back({key, path + " does not hold " + kind + " in PEM" + reason(), ""});
    return content;
  }

  std::vector<option_problem> found_;
};

}  // namespace

std::vector<option_problem> check_tls_files(const node_options& node) {
  if (node.certificate.empty() || node.key.empty() || node.ca.empty()) return {};
  return checker().check(node);
}

}  // namespace banyan::detail
