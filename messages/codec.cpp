#include <banyan/codec.hpp>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace banyan::detail {
namespace {

std::string_view kind_name(const msgpack::object& o) {
  switch (o.type) {
    case msgpack::type::NIL: return "nil";
    case msgpack::type::BOOLEAN: return "a boolean";
    case msgpack::type::POSITIVE_INTEGER: return "an integer";
    case msgpack::type::NEGATIVE_INTEGER: return "a negative integer";
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64: return "a float";
    case msgpack::type::STR: return "a string";
    case msgpack::type::BIN: return "binary data";
    case msgpack::type::ARRAY: return "an array";
    case msgpack::type::MAP: return "a map";
    case msgpack::type::EXT: return "an extension value";
  }
  return "a value";
}

}  // namespace

msgpack::object parse_payload(std::string_view data, msgpack::zone& zone, std::size_t max_depth) {
  // No element is shorter than a byte, so the data's own length bounds every count it may claim.
  const std::size_t n = data.size();
  const msgpack::unpack_limit limit(n, n / 2, n, n, n, max_depth);
  const auto refer = [](msgpack::type::object_type, std::size_t, void*) { return true; };
  std::size_t offset = 0;
  try {
    const msgpack::object object = msgpack::unpack(zone, data.data(), n, offset, refer, nullptr, limit);
    if (offset == n) return object;
  } catch (const msgpack::depth_size_overflow&) {
    throw error(errc::bad_payload, "payload nested deeper than " + std::to_string(max_depth) + " levels");
  } catch (const msgpack::unpack_error& e) {
    throw error(errc::bad_payload, "payload of " + std::to_string(n) + " bytes is not msgpack: " + e.what());
  }
  throw error(errc::bad_payload, "payload has " + std::to_string(n - offset) + " bytes after its end");
}

void check_payload(std::string_view data, std::size_t max_bytes, std::size_t max_depth, std::string_view what) {
  if (data.size() > max_bytes) {
    throw error(errc::too_large, std::string(what) + " takes " + std::to_string(data.size()) +
                                     " bytes, above the limit of " + std::to_string(max_bytes) +
                                     " (limits::max_payload); pass a reference such as a path instead");
  }
  // A level of nesting costs at least a byte: what is short cannot be deep.
  if (data.size() <= max_depth) return;
  msgpack::zone zone(zone_chunk);
  try {
    parse_payload(data, zone, max_depth);
  } catch (const error& e) {
    throw error(e.code(), std::string(what) + ": " + e.message());
  }
}

void throw_type_mismatch(const msgpack::object& found, const char* wanted, std::string_view what) {
  throw error(errc::bad_payload,
              std::string(what) + ": cannot read " + std::string(kind_name(found)) + " as " + type_name(wanted));
}

std::string type_name(const char* mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, &status),
                                                         &std::free);
  return status == 0 ? name.get() : mangled;
}

}  // namespace banyan::detail
