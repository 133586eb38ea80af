#include "persistence/membership.hpp"

#include <array>
#include <charconv>

namespace banyan::detail {
namespace {

constexpr std::size_t digits = 16;
constexpr int base = 16;

}  // namespace

std::string incarnation_text(incarnation_id id) {
  std::array<char, digits> text;
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), id, base).ptr;
  const auto size = static_cast<std::size_t>(end - text.data());
  return std::string(digits - size, '0').append(text.data(), size);
}

std::optional<incarnation_id> incarnation_in(std::string_view text) {
  incarnation_id id = 0;
  const char* const end = text.data() + text.size();
  const auto [at, fault] = std::from_chars(text.data(), end, id, base);
  if (text.size() != digits || fault != std::errc{} || at != end) return std::nullopt;
  return id;
}

}  // namespace banyan::detail
