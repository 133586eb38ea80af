#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/run_program.hpp"
#include "tests/support/scratch_directory.hpp"

namespace banyan::test {

/// An authority of the test's own, and those whom it vouches for.
class authority {
 public:
  authority() { make("ca", {}); }
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

  /// Makes NAME.pem and NAME.key; `names` as OpenSSL's subjectAltName has them.
  void vouch_for(const std::string& name, const std::string& names) {
    make(name, {"-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-addext", "subjectAltName=" + names});
  }

 private:
  void make(const std::string& name, const std::vector<std::string>& more) {
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

  scratch_directory directory_;
};

}  // namespace banyan::test
