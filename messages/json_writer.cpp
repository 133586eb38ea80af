#include "messages/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "messages/utf8.hpp"

namespace banyan::detail {
namespace {

void append_escaped(std::string& out, char32_t c) {
  constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += digits[(c >> shift) & 15];
}

/// How much of the beginning of `text` is ASCII that stands for itself.
std::size_t plain_length(std::string_view text) {
  const auto special = [](char c) { return static_cast<signed char>(c) < 0x20 || c == 0x7F || c == '"' || c == '\\'; };
  return static_cast<std::size_t>(std::ranges::find_if(text, special) - text.begin());
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const code_point c = first_code_point(text);
    if (!c.valid) {
      out += "\xEF\xBF\xBD";
    } else if (c.value == '"' || c.value == '\\' || is_control(c.value)) {
      append_escaped(out, c.value);
    } else {
      out.append(text.substr(0, c.length));
    }
    text.remove_prefix(c.length);
  }
  out += '"';
}

}  // namespace

void json_writer::separate() {
  if (comma_) text_ += ',';
  comma_ = true;
}

json_writer& json_writer::plain(std::string_view text) {
  separate();
  text_ += text;
  return *this;
}

json_writer& json_writer::begin_object() {
  plain("{");
  comma_ = false;
  return *this;
}

json_writer& json_writer::end_object() {
  text_ += '}';
  comma_ = true;
  return *this;
}

json_writer& json_writer::begin_array() {
  plain("[");
  comma_ = false;
  return *this;
}

json_writer& json_writer::end_array() {
  text_ += ']';
  comma_ = true;
  return *this;
}

json_writer& json_writer::name(std::string_view text) {
  string(text);
  text_ += ':';
  comma_ = false;
  return *this;
}

json_writer& json_writer::string(std::string_view text) {
  separate();
  append_string(text_, text);
  return *this;
}

json_writer& json_writer::number(std::int64_t v) { return plain(std::to_string(v)); }
json_writer& json_writer::number(std::uint64_t v) { return plain(std::to_string(v)); }
json_writer& json_writer::boolean(bool v) { return plain(v ? "true" : "false"); }
json_writer& json_writer::null() { return plain("null"); }
json_writer& json_writer::real(double v) { return shortest(v); }
json_writer& json_writer::real(float v) { return shortest(v); }

template <class Real>
json_writer& json_writer::shortest(Real v) {
  if (std::isnan(v)) return string("NaN");
  if (std::isinf(v)) return string(v < 0 ? "-Infinity" : "Infinity");
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, v).ptr;
  const std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
  plain(digits);
  if (digits.find_first_of(".e") == std::string_view::npos) text_ += ".0";
  return *this;
}

std::string json_writer::take() { return std::exchange(text_, {}); }

std::string base64(std::string_view data) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, data.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) group = (group << 8) | (j < n ? static_cast<unsigned char>(data[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= n ? alphabet[(group >> (18 - 6 * j)) & 63] : '=';
  }
  return out;
}

}  // namespace banyan::detail
