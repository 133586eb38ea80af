#pragma once

#include <cstdint>

#include <banyan/codec.hpp>

namespace banyan::detail {

/// A value of a type that is not known here: its encoding.
struct payload {
  bytes data;

  void msgpack_pack(msgpack::packer<bytes_sink>& p) const {
    p.pack_str_body(data.data(), static_cast<std::uint32_t>(data.size()));
  }
  void msgpack_unpack(const msgpack::object& o) { data = encode(o); }
};

}  // namespace banyan::detail
