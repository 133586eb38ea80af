#include "messages/record_reader.hpp"

#include "messages/record.hpp"

namespace banyan::detail {
namespace {

msgpack::object parse_record(std::string_view data, msgpack::zone& zone, std::string_view record) {
  constexpr std::size_t record_depth = 8;
  try {
    return parse_payload(data, zone, record_depth);
  } catch (const error& e) {
    throw error(errc::corrupt_record, "corrupt " + std::string(record) + " record: " + e.message());
  }
}

}  // namespace

record_document::record_document(std::string_view data, std::string_view record)
    : zone_(zone_chunk), fields_(parse_record(data, zone_, record), record) {
  const auto version = fields_.number<std::uint32_t>("version");
  if (version > record_version) {
    throw error(errc::store_too_new, std::string(record) + " record of version " + std::to_string(version) +
                                         "; this program reads up to version " + std::to_string(record_version) +
                                         ": use a newer Banyan");
  }
}

record_reader::record_reader(const msgpack::object& array, std::string_view record) : record_(record) {
  if (array.type != msgpack::type::ARRAY) corrupt("not an array");
  fields_ = array.via.array.ptr;
  size_ = array.via.array.size;
}

const msgpack::object& record_reader::next(std::string_view field) {
  if (at_end()) corrupt(std::string(field) + " is missing");
  return fields_[position_++];
}

std::string_view record_reader::raw(std::string_view field, msgpack::type::object_type type) {
  const msgpack::object& o = next(field);
  if (o.type != type) corrupt(std::string(field) + " has the wrong type");
  // A string and binary data have the same layout in msgpack::object.
  return {o.via.str.ptr, o.via.str.size};
}

key record_reader::key_text(std::string_view field) {
  try {
    return key::parse(raw(field, msgpack::type::STR));
  } catch (const error& e) {
    corrupt(std::string(field) + ": " + e.message());
  }
}

bool record_reader::boolean(std::string_view field) {
  const msgpack::object& o = next(field);
  if (o.type != msgpack::type::BOOLEAN) corrupt(std::string(field) + " is not a boolean");
  return o.via.boolean;
}

double record_reader::real(std::string_view field) {
  try {
    return next(field).as<double>();
  } catch (const msgpack::type_error&) {
    corrupt(std::string(field) + " is not a number");
  }
}

bool record_reader::skip_nil() {
  if (at_end() || !fields_[position_].is_nil()) return false;
  ++position_;
  return true;
}

record_reader record_reader::nested(std::string_view field) { return {next(field), record_}; }

void record_reader::corrupt(const std::string& why) const {
  throw error(errc::corrupt_record, "corrupt " + std::string(record_) + " record: " + why);
}

}  // namespace banyan::detail
