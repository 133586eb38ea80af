#pragma once

#include <banyan/codec.hpp>
#include <banyan/options.hpp>

namespace banyan::detail {

/// The options of futures, as a value that travels.
struct option_value {
  options value;

  void msgpack_pack(msgpack::packer<bytes_sink>& p) const;
  void msgpack_unpack(const msgpack::object& o);
};

}  // namespace banyan::detail
