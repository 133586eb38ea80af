#include "nodes/setting_text.hpp"

#include <algorithm>
#include <caf/expected.hpp>
#include <string_view>

#include "nodes/caf_value.hpp"

namespace banyan::detail {
namespace {

using std::chrono::nanoseconds;

std::string taken(const setting& key, const char* text, const char* texts) {
  switch (key.kind()) {
    case setting_kind::text: return text;
    case setting_kind::number: return "a whole number from 1 to " + std::to_string(key.most);
    case setting_kind::duration:
      return key.unit >= std::chrono::seconds(1)
                 ? "a duration of whole seconds that is not negative, as 5s; its units are h, min and s"
                 : "a duration that is not negative, as 5s; its units are h, min, s and ms";
    case setting_kind::flag: return "true or false";
    case setting_kind::texts: break;
  }
  return texts;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = text.find(',');
    parts.emplace_back(text.substr(0, comma));
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) parts.emplace_back();
  }
  return parts;
}

/// A value of the kind that the key takes, where the text holds one.
std::optional<setting_value> parse_setting(const setting& key, const std::string& text) {
  if (key.kind() == setting_kind::text) return text;
  if (key.kind() == setting_kind::texts) return split(text);
  // CAF takes 010 for 8.
  if (key.kind() == setting_kind::number && !std::ranges::all_of(text, is_digit)) return std::nullopt;
  if (key.kind() == setting_kind::number && text.starts_with('0')) return std::nullopt;
  const auto parsed = ::caf::config_value::parse(text);
  return parsed ? from_caf(*parsed) : std::nullopt;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '"':
      case '\\': out += '\\'; [[fallthrough]];
      default: out += c;
    }
  }
  return out + '"';
}

struct writer {
  std::string operator()(const std::string& text) const { return quoted(text); }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(nanoseconds d) const { return write_duration(d); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const std::vector<std::string>& texts) const {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + quoted(text);
    return "[" + out + "]";
  }
};

}  // namespace

std::string taken_in_file(const setting& key) {
  if (!key.example.empty()) return "a list of texts in quotes, as [" + quoted(key.example) + "]";
  return taken(key, "a text in quotes", "a list of texts in quotes, as [\"gpu\", \"big\"]");
}

std::string taken_as_text(const setting& key) {
  if (!key.example.empty()) return "texts with commas between, as " + key.example;
  return taken(key, "a text", "texts with commas between, as gpu,big");
}

std::string refusal_in_file(const setting& key, const std::optional<setting_value>& given) {
  const std::string fault = given ? key.fault(*given) : "";
  return fault.empty() ? " takes " + taken_in_file(key) : ": " + fault;
}

std::string refusal_as_text(const setting& key, const std::string& given) {
  const auto value = parse_setting(key, given);
  const std::string fault = value ? key.fault(*value) : "";
  return fault.empty() ? " takes " + taken_as_text(key) : ": " + fault;
}

std::optional<setting_value> read_setting(const setting& key, const std::string& text) {
  const auto value = parse_setting(key, text);
  return value && key.accepts(*value) ? value : std::nullopt;
}

std::string write_setting(const setting_value& v) { return std::visit(writer(), v); }

std::string write_duration(nanoseconds d) {
  struct unit {
    const char* name;
    nanoseconds length;
  };
  static constexpr unit units[] = {{"h", std::chrono::hours(1)},
                                   {"min", std::chrono::minutes(1)},
                                   {"s", std::chrono::seconds(1)},
                                   {"ms", std::chrono::milliseconds(1)},
                                   {"us", std::chrono::microseconds(1)}};
  for (const unit& u : units) {
    if (d % u.length == nanoseconds::zero() && d != nanoseconds::zero()) return std::to_string(d / u.length) + u.name;
  }
  return d == nanoseconds::zero() ? "0s" : std::to_string(d.count()) + "ns";
}

}  // namespace banyan::detail
