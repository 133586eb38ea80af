#include <banyan/key.hpp>

#include <array>
#include <charconv>
#include <ostream>

#include <banyan/error.hpp>

namespace banyan {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t family_chars = 26;

/// Crockford's base32: either case, I and L read as 1, O as 0.
constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    const char c = alphabet[i];
    values[static_cast<unsigned char>(c)] = static_cast<std::int8_t>(i);
    if (c >= 'A') values[static_cast<unsigned char>(c - 'A' + 'a')] = static_cast<std::int8_t>(i);
  }
  values['I'] = values['i'] = values['L'] = values['l'] = 1;
  values['O'] = values['o'] = 0;
  return values;
}
constexpr auto values = make_values();

[[noreturn]] void reject(std::string_view text, const std::string& why) {
  constexpr std::size_t shown = 80;
  std::string quoted(text.substr(0, shown));
  for (char& c : quoted) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > shown) quoted += "...";
  throw error(errc::bad_key,
              "malformed key '" + quoted + "': " + why + "; a key is 26 characters of base32, a dot and a number");
}

family_id parse_family(std::string_view text) {
  family_id f;
  for (std::size_t i = 0; i < family_chars; ++i) {
    const int v = values[static_cast<unsigned char>(text[i])];
    if (v < 0) reject(text, "character " + std::to_string(i + 1) + " is not base32");
    if (i == 0 && v > 7) reject(text, "the family is above 128 bits");
    f.hi = (f.hi << 5) | (f.lo >> 59);
    f.lo = (f.lo << 5) | static_cast<std::uint64_t>(v);
  }
  return f;
}

}  // namespace

std::string key::str() const {
  std::string out(family_chars, '0');
  std::uint64_t hi = family.hi;
  std::uint64_t lo = family.lo;
  for (std::size_t i = family_chars; i-- > 0;) {
    out[i] = alphabet[lo & 31];
    lo = (lo >> 5) | (hi << 59);
    hi >>= 5;
  }
  out += '.';
  out += std::to_string(index);
  return out;
}

key key::parse(std::string_view text) {
  if (text.size() < family_chars + 2) reject(text, "too short");
  if (text[family_chars] != '.') reject(text, "no dot after the 26th character");
  key k;
  k.family = parse_family(text);
  const char* first = text.data() + family_chars + 1;
  const char* last = text.data() + text.size();
  const auto [end, status] = std::from_chars(first, last, k.index);
  if (status != std::errc{} || end != last) reject(text, "what follows the dot is not a number");
  return k;
}

std::ostream& operator<<(std::ostream& out, const key& k) { return out << k.str(); }

}  // namespace banyan
