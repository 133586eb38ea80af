#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

#include <banyan/codec.hpp>

namespace banyan::detail {

struct function_entry;

/// What a `fn` of any type holds.
struct bound_call {
  std::string function;   ///< empty: none
  std::size_t count = 0;  ///< of its arguments
  bytes arguments;        ///< encoded, one behind the other

  auto operator<=>(const bound_call&) const = default;

  /// All arguments as one array. `more` are encoded, one behind the other.
  bytes complete(std::size_t more_count, std::string_view more) const;
  /// Throws `error` (`unknown_function`) where this program does not know the function, or there is none.
  const function_entry& entry() const;
  std::string stable_id() const;
};

/// An encoded bound_call. Throws `msgpack::type_error`.
bound_call unpack_call(const msgpack::object& o);
/// The same, of which `arity` arguments are still to come. Throws `error` (`bad_payload`), too, where the function is
/// known and takes another number of arguments.
bound_call unpack_call(const msgpack::object& o, std::size_t arity);
void pack_call(msgpack::packer<bytes_sink>& p, const bound_call& call);

}  // namespace banyan::detail
