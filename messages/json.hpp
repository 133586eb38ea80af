#pragma once

#include <string>
#include <string_view>

#include <banyan/codec.hpp>

#include "messages/json_writer.hpp"

namespace banyan::detail {

/// Shows an encoded value as JSON. Total: never throws for what the payload holds.
///
/// NaN and the infinities become strings, binary data `{"$binary": BASE64}`, extension values
/// `{"$ext": TYPE, "data": BASE64}`, map keys that are no strings the text of their JSON, and bytes that are no value
/// `{"$undecodable": BASE64, "why": TEXT}`.
void write_payload(json_writer& out, std::string_view payload);
std::string payload_to_json(std::string_view payload);

/// Encodes a JSON text as a value; integers stay integers. Throws `error` (`bad_payload`) that says where the text is
/// malformed, or what in it a value cannot hold: an integer beyond 64 bits, a name twice in one object, or nesting
/// deeper than a payload may be.
bytes json_to_payload(std::string_view text);

}  // namespace banyan::detail
