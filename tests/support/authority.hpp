#pragma once

#include <string>
#include <vector>

#include "tests/support/scratch_directory.hpp"

namespace banyan::test {

/// An authority of the test's own, and those whom it vouches for. Its certificate is ca.pem.
class authority {
 public:
  authority();
  std::string file(const std::string& name) const { return (directory_.path() / name).string(); }

  /// Makes NAME.pem and NAME.key; `names` as OpenSSL's subjectAltName has them.
  void vouch_for(const std::string& name, const std::string& names);
  /// The same for one that nobody vouches for but itself.
  void leave_alone(const std::string& name) { make(name, {}); }

 private:
  void make(const std::string& name, const std::vector<std::string>& more);

  scratch_directory directory_;
};

}  // namespace banyan::test
