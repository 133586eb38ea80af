#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <msgpack.hpp>

#include <banyan/error.hpp>
#include <banyan/key.hpp>

namespace banyan {

/// Encoded values are msgpack bytes.
using bytes = std::string;

namespace detail {

/// How deeply arrays and maps may nest in a payload unless a runtime's limits say otherwise.
inline constexpr std::size_t default_max_depth = 64;

/// A msgpack output stream that fills a string.
struct bytes_sink {
  bytes data;
  void write(const char* p, std::size_t n) { data.append(p, n); }
};

/// Reads one msgpack value that takes up all of `data`. Sizes that the data claims are checked against its
/// length before anything is allocated. The object refers into `zone` and `data`.
/// Throws `error` (`bad_payload`).
msgpack::object parse_payload(std::string_view data, msgpack::zone& zone, std::size_t max_depth);

/// Checks that `data` is one well-formed value within the limits. Throws `error` (`too_large`,
/// `bad_payload`); `what` says whose value it is.
void check_payload(std::string_view data, std::size_t max_bytes, std::size_t max_depth, std::string_view what);

/// "cannot read a string as int", for a value that does not fit the type that was asked for.
[[noreturn]] void throw_type_mismatch(const msgpack::object& found, const char* wanted, std::string_view what);

/// The readable name of a type, from `typeid(T).name()`.
std::string type_name(const char* mangled);

inline constexpr std::size_t zone_chunk = 512;

/// Nothing, as a value: what a void function results in.
struct unit {
  template <class Packer>
  void msgpack_pack(Packer& p) const {
    p.pack_nil();
  }
  void msgpack_unpack(const msgpack::object&) {}
};

template <class T>
using value_or_unit = std::conditional_t<std::is_void_v<T>, unit, T>;

template <class T>
bytes encode(const T& value) {
  bytes_sink sink;
  msgpack::pack(sink, value);
  return std::move(sink.data);
}

/// Converts a parsed value. Throws `error` (`bad_payload`) that names the type wanted and the kind found.
template <class T>
T convert(const msgpack::object& object, std::string_view what) {
  try {
    return object.as<T>();
  } catch (const msgpack::type_error&) {
    throw_type_mismatch(object, typeid(T).name(), what);
  }
}

/// Decodes a whole payload as T. `what` names the value in errors, as in "the result of fib".
template <class T>
T decode(std::string_view data, std::string_view what) {
  if constexpr (std::is_void_v<T>) {
    return;
  } else {
    msgpack::zone zone(zone_chunk);
    return convert<T>(parse_payload(data, zone, default_max_depth), what);
  }
}

}  // namespace detail
}  // namespace banyan

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  /// Keys travel in their text form, so that payloads stay readable. Reading throws `msgpack::type_error`, or
  /// `banyan::error` (`bad_key`).
  template <>
  struct convert<banyan::key> {
    const msgpack::object& operator()(const msgpack::object& o, banyan::key& k) const {
      if (o.type != msgpack::type::STR) throw msgpack::type_error();
      k = banyan::key::parse({o.via.str.ptr, o.via.str.size});
      return o;
    }
  };

  template <>
  struct pack<banyan::key> {
    template <class Stream>
    msgpack::packer<Stream>& operator()(msgpack::packer<Stream>& p, const banyan::key& k) const {
      return p.pack(k.str());
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack
