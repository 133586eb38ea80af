#include "actors/option_value.hpp"

#include "messages/record_reader.hpp"

namespace banyan::detail {

void option_value::msgpack_pack(msgpack::packer<bytes_sink>& p) const {
  p.pack_array(1);
  pack_options(p, &value);
}

void option_value::msgpack_unpack(const msgpack::object& o) {
  record_reader r(o, "options");
  if (const auto found = read_options(r)) value = *found;
}

}  // namespace banyan::detail
