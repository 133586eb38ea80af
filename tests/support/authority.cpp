#include "tests/support/authority.hpp"

#include <stdexcept>

#include "tests/support/run_program.hpp"

namespace banyan::test {

authority::authority() { make("ca", {}); }

void authority::vouch_for(const std::string& name, const std::string& names) {
  make(name, {"-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-addext", "subjectAltName=" + names});
}

void authority::make(const std::string& name, const std::vector<std::string>& more) {
  std::vector<std::string> command{"/usr/bin/openssl",
                                   "req",
                                   "-x509",
                                   "-newkey",
                                   "ec",
                                   "-pkeyopt",
                                   "ec_paramgen_curve:P-256",
                                   "-nodes",
                                   "-days",
                                   "2",
                                   "-subj",
                                   "/CN=" + name,
                                   "-keyout",
                                   file(name + ".key"),
                                   "-out",
                                   file(name + ".pem")};
  command.insert(command.end(), more.begin(), more.end());
  const program_end end = run_program(command);
  if (end.code != 0) throw std::runtime_error("openssl: " + end.err);
}

}  // namespace banyan::test
