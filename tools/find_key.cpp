#include "tools/find_key.hpp"

#include <algorithm>
#include <cctype>

#include <banyan/error.hpp>

#include "tools/format.hpp"

namespace banyan::tools {
namespace {

constexpr std::size_t shortest_prefix = 6;
constexpr std::size_t family_length = 26;

/// As keys are printed: capitals, and the digits that I, L and O stand for.
std::string canonical(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (c == 'I' || c == 'L') c = '1';
    if (c == 'O') c = '0';
  }
  return out;
}

bool is_prefix(std::string_view text) {
  return text.size() >= shortest_prefix && text.size() <= family_length &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c); });
}

[[noreturn]] void throw_not_found(const std::string& what, detail::store& s) {
  throw error(errc::not_found, what + " in " + s.describe() + "; `banyan ls` lists the roots");
}

key find_root(detail::store& s, std::string_view text) {
  const std::string prefix = canonical(text);
  std::vector<key> found;
  for (const detail::root_entry& root : s.roots(false)) {
    if (const key k{root.family, 0}; k.str().starts_with(prefix)) found.push_back(k);
  }
  if (found.empty()) throw_not_found("no root whose key begins with '" + prefix + "'", s);
  if (found.size() > 1) {
    throw error(errc::invalid_argument, std::to_string(found.size()) + " roots begin with '" + prefix + "', such as " +
                                            found[0].str() + " and " + found[1].str() + "; write more of the key");
  }
  return found[0];
}

}  // namespace

key find_key(detail::store& s, std::string_view text) {
  if (is_prefix(text)) return find_root(s, text);
  if (text.size() < family_length) {
    throw error(errc::bad_key, "malformed key '" + printable(text) +
                                   "': a key is 26 characters of base32, a dot and a " +
                                   "number; of a root's the first 6 or more are enough");
  }
  return key::parse(text);
}

detail::future_view find_view(detail::store& s, std::string_view text) {
  const key k = find_key(s, text);
  detail::store_source source(s);
  std::optional<detail::future_view> v = view_future(source, k);
  if (!v) throw_not_found("no future " + k.str(), s);
  return std::move(*v);
}

}  // namespace banyan::tools
