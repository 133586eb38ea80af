#include <banyan/detail/bound_call.hpp>

#include "messages/family.hpp"

namespace banyan::detail {

bytes bound_call::complete(std::size_t more_count, std::string_view more) const {
  bytes_sink sink;
  msgpack::packer<bytes_sink>(sink).pack_array(static_cast<std::uint32_t>(count + more_count));
  sink.data += arguments;
  sink.data += more;
  return std::move(sink.data);
}

std::string bound_call::stable_id() const {
  bytes_sink sink;
  msgpack::packer<bytes_sink> p(sink);
  pack_call(p, *this);
  const family_id id = named_family(sink.data);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t half : {id.hi, id.lo}) {
    for (int shift = 60; shift >= 0; shift -= 4) text += digits[(half >> shift) & 15];
  }
  return text;
}

void pack_call(msgpack::packer<bytes_sink>& p, const bound_call& call) {
  p.pack_array(static_cast<std::uint32_t>(1 + call.count));
  p.pack(call.function);
  // As it is: what is packed already.
  p.pack_str_body(call.arguments.data(), static_cast<std::uint32_t>(call.arguments.size()));
}

bound_call unpack_call(const msgpack::object& o) {
  if (o.type != msgpack::type::ARRAY || o.via.array.size == 0) throw msgpack::type_error();
  const msgpack::object* const element = o.via.array.ptr;
  bound_call call{element[0].as<std::string>(), o.via.array.size - 1, {}};
  bytes_sink sink;
  for (std::size_t i = 1; i < o.via.array.size; ++i) msgpack::pack(sink, element[i]);
  call.arguments = std::move(sink.data);
  return call;
}

}  // namespace banyan::detail
