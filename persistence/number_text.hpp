#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace banyan::detail {

/// Takes a number off the front of a text; nothing, and the text stays as it is, where there is none.
template <class T>
std::optional<T> take_number(std::string_view& text) {
  T value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

/// The number that a text is; nothing where it is anything else or more.
template <class T>
std::optional<T> number_in(std::string_view text) {
  const std::optional<T> value = take_number<T>(text);
  return text.empty() ? value : std::nullopt;
}

}  // namespace banyan::detail
