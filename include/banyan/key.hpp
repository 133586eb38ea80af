#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace banyan {

/// The 128-bit name of a family: the children and steps of one attempt of one future.
/// The first 48 bits are the creation time of the tree in milliseconds since 1970 (or hash bits, when
/// the root was given an `id`); the other 80 bits are a hash. Families of one tree sort together.
struct family_id {
  std::uint64_t hi = 0;
  std::uint64_t lo = 0;
  auto operator<=>(const family_id&) const = default;
};

/// The durable name of a future, the same in every process and for ever.
/// Text form: 26 characters of Crockford base32, a dot, the index, as in
/// `01J9ZK3V5N8Q2T4W6Y8A0C2E4G.3`. A plain value: copy and share it freely.
struct key {
  family_id family;
  std::uint64_t index = 0;

  auto operator<=>(const key&) const = default;

  /// The text form.
  std::string str() const;

  /// Reads the text form, in either case. Throws `banyan::error` (`bad_key`) that says what is wrong.
  static key parse(std::string_view text);
};

std::ostream& operator<<(std::ostream& out, const key& k);

}  // namespace banyan

template <>
struct std::hash<banyan::family_id> {
  std::size_t operator()(const banyan::family_id& f) const noexcept {
    return static_cast<std::size_t>(f.lo ^ (f.hi * 0x9E3779B97F4A7C15ull));
  }
};

template <>
struct std::hash<banyan::key> {
  std::size_t operator()(const banyan::key& k) const noexcept {
    return std::hash<banyan::family_id>{}(k.family) ^ static_cast<std::size_t>(k.index * 0xC2B2AE3D27D4EB4Full);
  }
};
