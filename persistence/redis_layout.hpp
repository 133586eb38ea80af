#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "persistence/store.hpp"

namespace banyan::detail {

/// The names of keys and fields in Redis: docs/internals/redis-layout.md. What is in braces decides where a Redis
/// Cluster keeps a key: each family has a place of its own, the lists share one.
class redis_layout {
 public:
  /// `driver`: the name of the runtime that drives; empty for who drives nothing.
  redis_layout(const std::string& prefix, std::string_view driver);

  std::string family(const family_id& f) const;

  /// String that expires: a value that several processes change by turns.
  std::string value(std::string_view name) const;

  const std::string layout;   ///< string: the version of this layout
  const std::string created;  ///< sorted set: roots by time of creation
  const std::string settled;  ///< sorted set: settled roots by time
  const std::string expires;  ///< sorted set: settled roots by the time at which they are forgotten
  const std::string drivers;  ///< hash: root to the name of who drives it
  const std::string nodes;    ///< hash: the nodes by their names
  const std::string driver;   ///< our name

  /// Set: the unsettled roots that a runtime drives.
  std::string driven(std::string_view name) const { return lists_ + "driven:" + std::string(name); }
  /// Set: keys whose record was changed from outside, for the runtime that drives them.
  std::string notices(std::string_view name) const { return lists_ + "notices:" + std::string(name); }
  /// Set: those that it is just taking.
  std::string taken(std::string_view name) const { return lists_ + "taken:" + std::string(name); }
  /// Set that expires: keys whose record was changed from outside, of trees that wait for any driver.
  const std::string waiting_notices;
  /// List that expires: what other nodes have left for an incarnation, by its text.
  std::string posts(std::string_view incarnation) const { return lists_ + "posts:" + std::string(incarnation); }
  /// String that expires: the runtime is alive.
  std::string lease(std::string_view name) const { return lists_ + "lease:" + std::string(name); }

 private:
  redis_layout(const std::string& prefix, const std::string& lists, std::string_view driver);

  const std::string prefix_;
  const std::string lists_;
};

std::string family_text(const family_id& f);
/// Throws `error` (`bad_key`).
family_id family_in(std::string_view text);

/// A register's name within a family's hash.
struct redis_field {
  enum class what : char { spec = 's', result = 'r', gauge = 'g', state = 'c', attempt = 'a' };

  what kind = what::spec;
  std::uint64_t index = 0;
  std::int64_t number = 0;  ///< of an attempt

  auto operator<=>(const redis_field&) const = default;
  std::string str() const;
  /// Nothing for what is no register's name.
  static std::optional<redis_field> parse(std::string_view text);
  /// Of a write to a record.
  static redis_field of(const write& w);
};

inline constexpr std::string_view header_field = "h";
inline constexpr std::string_view homes_field = "n";

/// Puts a register's value in its place.
void put_register(record& r, const redis_field& f, bytes value);

}  // namespace banyan::detail
