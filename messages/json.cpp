#include "messages/json.hpp"

namespace banyan::detail {
namespace {

void write_value(json_writer& out, const msgpack::object& o);

void write_binary(json_writer& out, std::string_view data) {
  out.begin_object().name("$binary").string(base64(data)).end_object();
}

void write_extension(json_writer& out, const msgpack::object_ext& ext) {
  out.begin_object().name("$ext").number(std::int64_t{ext.type()});
  out.name("data").string(base64({ext.data(), ext.size})).end_object();
}

void write_name(json_writer& out, const msgpack::object& name) {
  if (name.type == msgpack::type::STR) {
    out.name({name.via.str.ptr, name.via.str.size});
    return;
  }
  json_writer text;
  write_value(text, name);
  out.name(text.text());
}

void write_array(json_writer& out, const msgpack::object_array& array) {
  out.begin_array();
  for (std::uint32_t i = 0; i < array.size; ++i) write_value(out, array.ptr[i]);
  out.end_array();
}

void write_map(json_writer& out, const msgpack::object_map& map) {
  out.begin_object();
  for (std::uint32_t i = 0; i < map.size; ++i) {
    write_name(out, map.ptr[i].key);
    write_value(out, map.ptr[i].val);
  }
  out.end_object();
}

/// Recursive: the payload's depth was bounded when it was parsed.
void write_value(json_writer& out, const msgpack::object& o) {
  switch (o.type) {
    case msgpack::type::NIL: out.null(); break;
    case msgpack::type::BOOLEAN: out.boolean(o.via.boolean); break;
    case msgpack::type::POSITIVE_INTEGER: out.number(o.via.u64); break;
    case msgpack::type::NEGATIVE_INTEGER: out.number(o.via.i64); break;
    case msgpack::type::FLOAT32: out.real(static_cast<float>(o.via.f64)); break;
    case msgpack::type::FLOAT64: out.real(o.via.f64); break;
    case msgpack::type::STR: out.string({o.via.str.ptr, o.via.str.size}); break;
    case msgpack::type::BIN: write_binary(out, {o.via.bin.ptr, o.via.bin.size}); break;
    case msgpack::type::EXT: write_extension(out, o.via.ext); break;
    case msgpack::type::ARRAY: write_array(out, o.via.array); break;
    case msgpack::type::MAP: write_map(out, o.via.map); break;
  }
}

}  // namespace

void write_payload(json_writer& out, std::string_view payload) {
  msgpack::zone zone(zone_chunk);
  msgpack::object value;
  try {
    value = parse_payload(payload, zone, default_max_depth);
  } catch (const error& e) {
    out.begin_object().name("$undecodable").string(base64(payload)).name("why").string(e.message()).end_object();
    return;
  }
  write_value(out, value);
}

std::string payload_to_json(std::string_view payload) {
  json_writer out;
  write_payload(out, payload);
  return out.take();
}

}  // namespace banyan::detail
