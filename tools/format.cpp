#include "tools/format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "messages/utf8.hpp"

namespace banyan::tools {
namespace {

using detail::code_point;
using detail::first_code_point;
using detail::millis;

struct unit {
  std::string_view name;
  millis length;
};
constexpr std::array<unit, 6> units{{
    {"ms", 1},
    {"s", 1000},
    {"m", 60'000},
    {"h", 3'600'000},
    {"d", 86'400'000},
    {"w", 604'800'000},
}};

bool between(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// Close enough to what terminals do with East Asian and combining characters.
std::size_t columns_of(char32_t c) {
  if (between(c, 0x300, 0x36F) || between(c, 0x200B, 0x200D) || between(c, 0xFE00, 0xFE0F)) return 0;
  const bool wide = between(c, 0x1100, 0x115F) || between(c, 0x2E80, 0xA4CF) || between(c, 0xAC00, 0xD7A3) ||
                    between(c, 0xF900, 0xFAFF) || between(c, 0xFE30, 0xFE6F) || between(c, 0xFF00, 0xFF60) ||
                    between(c, 0xFFE0, 0xFFE6) || between(c, 0x1F300, 0x1FAFF) || between(c, 0x20000, 0x3FFFD);
  return wide ? 2 : 1;
}

std::string escaped(char32_t c) {
  switch (c) {
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\r': return "\\r";
    default: break;
  }
  char text[16];
  std::snprintf(text, sizeof text, c < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(c));
  return text;
}

std::string in_two_units(millis d, const unit& large, const unit& small) {
  std::string text = std::to_string(d / large.length) + std::string(large.name);
  if (const millis rest = d % large.length / small.length) text += " " + std::to_string(rest) + std::string(small.name);
  return text;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const code_point c = first_code_point(text);
    if (!c.valid) {
      out += "\xEF\xBF\xBD";
    } else if (detail::is_control(c.value)) {
      out += escaped(c.value);
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const code_point c = first_code_point(text);
    width += columns_of(c.value);
    text.remove_prefix(c.length);
  }
  return width;
}

std::string clipped(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  std::string out;
  std::size_t width = 1;
  while (!text.empty()) {
    const code_point c = first_code_point(text);
    width += columns_of(c.value);
    if (width > columns) break;
    out += text.substr(0, c.length);
    text.remove_prefix(c.length);
  }
  return columns == 0 ? out : out + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  std::string out(text);
  const std::size_t width = width_of(text);
  if (width < columns) out.append(columns - width, ' ');
  return out;
}

std::string span_text(millis d) {
  if (d < 1000) return std::to_string(std::max<millis>(d, 0)) + "ms";
  if (d >= units[4].length) return in_two_units(d, units[4], units[3]);
  if (d >= units[3].length) return in_two_units(d, units[3], units[2]);
  if (d >= units[2].length) return in_two_units(d, units[2], units[1]);
  char text[32];
  std::snprintf(text, sizeof text, "%.1fs", static_cast<double>(d / 100) / 10);
  return text;
}

std::string age_text(millis d) {
  const auto fits = [d](const unit& u) { return d >= u.length; };
  // From seconds to days.
  const auto largest = std::find_if(units.rbegin() + 1, units.rend() - 2, fits);
  return std::to_string(std::max<millis>(d, 0) / largest->length) + std::string(largest->name);
}

millis parse_span(std::string_view text) {
  millis n = 0;
  const char* end = text.data() + text.size();
  const auto [after, status] = std::from_chars(text.data(), end, n);
  const std::string_view name(after, static_cast<std::size_t>(end - after));
  const auto u = std::ranges::find(units, name, &unit::name);
  millis span = 0;
  if (status != std::errc{} || n < 0 || u == units.end() || __builtin_mul_overflow(n, u->length, &span)) {
    throw error(errc::invalid_argument,
                "malformed duration '" + printable(text) + "': write a number and one of ms, s, m, h, d, w, as in 7d");
  }
  return span;
}

std::string percent_text(const progress& p) {
  if (!p.known()) return "?";
  return std::to_string(static_cast<int>(std::floor(p.fraction() * 100))) + "%";
}

std::string bar(double fraction, std::size_t columns) {
  constexpr std::string_view parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = static_cast<std::size_t>(fraction * static_cast<double>(columns) * 8);
  std::string out;
  for (std::size_t i = 0; i < columns; ++i) {
    if (eighths >= 8 * (i + 1)) {
      out += "█";
    } else if (eighths > 8 * i) {
      out += parts[eighths - 8 * i];
    } else {
      out += "·";
    }
  }
  return out;
}

std::string number_text(std::size_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string status_text(const detail::future_view& v) {
  if (v.damage && !is_final(v.status)) return "damaged";
  std::string text(to_string(v.status));
  if (!v.parked.empty()) text += ", parked";
  return text;
}

std::string error_text(const error_info& info) { return printable(error(info).what()); }

}  // namespace banyan::tools
