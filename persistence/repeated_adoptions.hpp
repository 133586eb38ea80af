#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "messages/family.hpp"
#include "persistence/adoption.hpp"

namespace banyan::detail {

/// Asks a future that replaces others to adopt what those had adopted: in the name of who asked there, so that an id
/// finds what it found there, and once, however often it is repeated.
class repeated_adoptions {
 public:
  /// Reads all requests to `parent`. Throws what the store throws, `error` (`corrupt_record`).
  repeated_adoptions(store& s, const key& parent);

  /// Asks for what was adopted at `adopted`. Returns where the answer belongs.
  key repeat(const key& adopted, const spec_record& call, const commit_one& commit);

 private:
  struct request {
    key at;
    spec_record call;
  };

  store& store_;
  const key parent_;
  std::map<std::string, request> standing_;  ///< those that were not refused, by their ids
  std::uint64_t next_ = first_request_number;
};

}  // namespace banyan::detail
