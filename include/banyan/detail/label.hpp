#pragma once

#include <string>
#include <string_view>

#include <banyan/detail/boxed.hpp>

namespace banyan::detail {

/// A string as a member of options.
class label {
 public:
  label() = default;
  label(const char* text) : text_(std::string(text)) {}       // NOLINT: implicit, as strings are
  label(std::string_view text) : text_(std::string(text)) {}  // NOLINT
  label(std::string text) : text_(std::move(text)) {}         // NOLINT

  const std::string& str() const { return *text_; }
  operator const std::string&() const { return str(); }  // NOLINT: implicit, as strings are
  bool empty() const { return str().empty(); }
  void clear() { *this = label(); }

  friend bool operator==(const label& a, std::string_view b) { return a.str() == b; }

 private:
  boxed<std::string> text_;
};

}  // namespace banyan::detail
