#include "examples/wordtree/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace wordtree {
namespace {

struct code_point {
  std::uint32_t value = 0;
  std::size_t size = 0;  ///< in bytes; 0: not well-formed
};

unsigned char byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

/// The code point at the front of `text`, which is not empty.
code_point first_code_point(std::string_view text) {
  const unsigned char lead = byte_at(text, 0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  std::uint32_t value = lead & (0x7fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte_at(text, i) & 0xc0) != 0x80) return {};
    value = value << 6 | (byte_at(text, i) & 0x3fu);
  }
  const bool too_long = (size == 3 && value < 0x800) || (size == 4 && value < 0x10000);
  const bool no_character = value > 0x10ffff || (value >= 0xd800 && value < 0xe000);
  return too_long || no_character ? code_point{} : code_point{value, size};
}

struct code_range {
  std::uint32_t first, last;
};

template <std::size_t N>
bool within(const std::array<code_range, N>& ranges, std::uint32_t value) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [value](const code_range& r) { return r.first <= value && value <= r.last; });
}

/// Control characters, line and paragraph separators, and what changes the direction of text.
constexpr std::array<code_range, 6> unprintable_ranges{
    {{0, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}}};

/// Letters and pictures of East Asia, which are two columns wide.
constexpr std::array<code_range, 8> wide_ranges{{{0x1100, 0x115f},
                                                 {0x2e80, 0xa4cf},
                                                 {0xac00, 0xd7a3},
                                                 {0xf900, 0xfaff},
                                                 {0xfe30, 0xfe6f},
                                                 {0xff00, 0xff60},
                                                 {0x1f300, 0x1faff},
                                                 {0x20000, 0x3fffd}}};

template <class... A>
std::string print(const char* format, A... values) {
  std::array<char, 64> text{};
  const int n = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<std::size_t>(std::clamp<int>(n, 0, text.size() - 1))};
}

/// The longest front of `text` that takes up at most `width` columns.
std::string_view front_within(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t next = end + std::max<std::size_t>(1, first_code_point(text.substr(end)).size);
    if (columns(text.substr(0, next)) > width) break;
    end = next;
  }
  return text.substr(0, end);
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    const code_point c = first_code_point(bytes);
    if (c.size == 0 || within(unprintable_ranges, c.value)) {
      const std::size_t size = std::max<std::size_t>(1, c.size);
      for (std::size_t i = 0; i < size; ++i) out += print("\\x%02X", static_cast<unsigned>(byte_at(bytes, i)));
      bytes.remove_prefix(size);
    } else {
      out += bytes.substr(0, c.size);
      bytes.remove_prefix(c.size);
    }
  }
  return out;
}

std::size_t columns(std::string_view text) {
  std::size_t n = 0;
  while (!text.empty()) {
    const code_point c = first_code_point(text);
    n += within(wide_ranges, c.value) ? 2 : 1;
    text.remove_prefix(std::max<std::size_t>(1, c.size));
  }
  return n;
}

std::string fitted(std::string_view text, std::size_t width) {
  std::string out(text);
  if (columns(text) > width) {
    const std::string_view gap = std::string_view("..").substr(0, width);
    const std::size_t kept = width - gap.size();
    out = std::string(front_within(text, kept - kept / 2)).append(gap);
    std::string_view rest = text;
    while (columns(rest) > kept / 2) rest.remove_prefix(std::max<std::size_t>(1, first_code_point(rest).size));
    out += rest;
  }
  return out.append(width - columns(out), ' ');
}

std::string format_bytes(double bytes) {
  constexpr std::array<const char*, 5> units{"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 999.5) return print("%.0f B", std::max(0.0, bytes));
  std::size_t unit = 0;
  for (bytes /= 1000; bytes >= 999.95 && unit + 1 < units.size(); bytes /= 1000) ++unit;
  return print("%.1f %s", bytes, units[unit]);
}

std::string format_seconds(double seconds) {
  seconds = std::max(0.0, seconds);
  if (!(seconds < 1e9)) return "years";
  if (seconds < 9.95) return print("%.1f s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 60) return print("%lld s", whole);
  if (whole < 3600) return print("%lld min %lld s", whole / 60, whole % 60);
  return print("%lld h %lld min", whole / 3600, whole % 3600 / 60);
}

std::string format_count(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string format_percent(double fraction) {
  return print("%d %%", static_cast<int>(std::floor(100 * std::clamp(fraction, 0.0, 1.0) + 1e-9)));
}

}  // namespace wordtree
