#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "persistence/redis_connection.hpp"
#include "persistence/redis_layout.hpp"
#include "persistence/redis_notices.hpp"
#include "persistence/redis_scripts.hpp"

namespace banyan::detail {

/// What is said to a server for a write. Nothing is sent here.
class redis_phrases {
 public:
  /// All three outlive this.
  redis_phrases(const redis_layout& layout, const redis_scripts& scripts, redis_notices& notices)
      : layout_(layout), scripts_(scripts), notices_(notices) {}

  /// The key whose slot decides which server of a cluster it is said to.
  std::string key_of(const write& w) const;

  void add(redis_commands& out, const write& w) const;
  /// Of several specs, and a header, of one family.
  void put_new(redis_commands& out, std::span<const write> writes, std::span<const std::size_t> positions) const;
  void read_back(redis_commands& out, const write& w) const;
  /// Takes a root over that somebody else has listed.
  void claim(redis_commands& out, const write& w) const;

 private:
  void add_to_lists(redis_commands& out, const write& w) const;

  const redis_layout& layout_;
  const redis_scripts& scripts_;
  redis_notices& notices_;
};

}  // namespace banyan::detail
