#include "actors/moved_arguments.hpp"

#include <charconv>
#include <limits>
#include <string>
#include <string_view>

namespace banyan::detail {
namespace {

/// Of a key's text, with the dot.
std::string family_part(const family_id& f) {
  std::string text = key{f, 0}.str();
  text.pop_back();
  return text;
}

/// The length of the msgpack string that begins at `at`; 0: none does.
std::size_t length_of_string(std::string_view data, std::size_t at) {
  const auto byte = [&](std::size_t back) { return at < back ? 0u : static_cast<unsigned char>(data[at - back]); };
  if ((byte(1) & 0xe0u) == 0xa0u) return byte(1) & 0x1fu;
  return byte(2) == 0xd9u ? byte(1) : 0;
}

/// That of no child where it cannot be told.
std::uint64_t number_of_key(std::string_view data, std::size_t at, std::size_t digits_at) {
  constexpr std::uint64_t none = std::numeric_limits<std::uint64_t>::max();
  const std::size_t end = at + length_of_string(data, at);
  if (end <= digits_at || end > data.size()) return none;
  std::uint64_t number = 0;
  const char* const last = data.data() + end;
  const auto read = std::from_chars(data.data() + digits_at, last, number);
  return read.ec == std::errc() && read.ptr == last ? number : none;
}

}  // namespace

std::optional<moved_arguments> move_arguments(bytes arguments, const family_id& from, const family_id& to) {
  const std::string old_part = family_part(from);
  const std::string new_part = family_part(to);
  moved_arguments moved;
  for (std::size_t at = arguments.find(old_part); at != bytes::npos; at = arguments.find(old_part, at + 1)) {
    moved.children.push_back(number_of_key(arguments, at, at + old_part.size()));
    arguments.replace(at, old_part.size(), new_part);
  }
  if (moved.children.empty()) return std::nullopt;
  moved.arguments = std::move(arguments);
  return moved;
}

}  // namespace banyan::detail
