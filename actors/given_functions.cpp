#include "actors/given_functions.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <banyan/codec.hpp>

#include "actors/function_registry.hpp"

namespace banyan::detail {
namespace {

constexpr std::string_view own_prefix = "banyan.";

/// Where in its arguments an own function has a fn, several, or a plan that has some.
struct holder {
  std::string_view function;
  std::uint32_t at;
};
constexpr std::array holders{
    holder{"banyan.critical_section", 1},
    holder{"banyan.debounce", 3},
    holder{"banyan.sequence", 0},
    holder{"banyan.sequence_of_void", 0},
    holder{"banyan.parallel", 0},
    holder{"banyan.parallel_of_void", 0},
    holder{"banyan.then", 1},
    holder{"banyan.then_of_void", 1},
    holder{"banyan.map_reduce", 0},
    holder{"banyan.for_each_page", 0},
    holder{"banyan.shard", 0},
    holder{"banyan.count", 0},
};

using names = std::vector<std::string>;

void add_from_call(names& to, std::string_view function, const msgpack::object* arguments, std::uint32_t count);

/// A fn is an array of a name and of what is bound.
bool add_fn(names& to, const msgpack::object& o) {
  if (o.type != msgpack::type::ARRAY || o.via.array.size == 0) return false;
  const msgpack::object& first = o.via.array.ptr[0];
  if (first.type != msgpack::type::STR) return false;
  const std::string_view name(first.via.str.ptr, first.via.str.size);
  if (name.starts_with(own_prefix)) {
    add_from_call(to, name, o.via.array.ptr + 1, o.via.array.size - 1);
  } else if (!name.empty()) {
    to.emplace_back(name);
  }
  return true;
}

const holder* holder_named(std::string_view function) {
  // One for each number of arguments: "banyan.debounce/2".
  const auto known = std::ranges::find(holders, function.substr(0, function.find('/')), &holder::function);
  return known == holders.end() ? nullptr : &*known;
}

void add_held(names& to, const msgpack::object& held) {
  if (add_fn(to, held) || held.type != msgpack::type::ARRAY) return;
  for (std::uint32_t i = 0; i < held.via.array.size; ++i) add_fn(to, held.via.array.ptr[i]);
}

void add_from_call(names& to, std::string_view function, const msgpack::object* arguments, std::uint32_t count) {
  const holder* const known = holder_named(function);
  if (known && known->at < count) add_held(to, arguments[known->at]);
}

/// Where the first element of an encoded array is; 0: it is no array.
std::size_t first_element(std::string_view data) {
  const auto lead = data.empty() ? 0 : static_cast<unsigned char>(data.front());
  if ((lead & 0xF0u) == 0x90u) return 1;
  return lead == 0xDC ? 3 : lead == 0xDD ? 5 : 0;
}

}  // namespace

std::vector<std::string> given_functions(std::string_view function, std::string_view arguments) {
  names found;
  if (!function.starts_with(own_prefix)) return found;
  const holder* const known = holder_named(function);
  std::size_t at = first_element(arguments);
  if (!known || at == 0) return found;
  try {
    // What comes behind may be large, and is left alone.
    msgpack::object_handle element;
    for (std::uint32_t i = 0; i <= known->at; ++i) element = msgpack::unpack(arguments.data(), arguments.size(), at);
    add_held(found, *element);
  } catch (const msgpack::unpack_error&) {
    // Its function says what is wrong with them.
  }
  return found;
}

std::string unknown_given(std::string_view function, std::string_view arguments) {
  for (std::string& name : given_functions(function, arguments)) {
    if (!find_function({name, any_version})) return std::move(name);
  }
  return {};
}

}  // namespace banyan::detail
