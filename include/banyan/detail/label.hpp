#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace banyan::detail {

/// A string as a member of options, which people write in braces inside `co_await ctx.spawn({...}, f)`. g++ 12 copies
/// what is braced there bit by bit and then destroys both copies; a label knows its own address, and so which of
/// the two it is.
class label {
 public:
  label() = default;
  label(const char* text) : label(std::string(text)) {}                 // NOLINT: implicit, as strings are
  label(std::string_view text) : label(std::string(text)) {}            // NOLINT
  label(std::string text) : text_(new std::string(std::move(text))) {}  // NOLINT
  label(const label& other) : label(other.str()) {}
  label(label&& other) noexcept : text_(other.text_) { other.text_ = nullptr; }
  label& operator=(label other) noexcept {
    std::swap(text_, other.text_);
    return *this;
  }
  ~label() {
    if (self_ == this) delete text_;
  }

  const std::string& str() const {
    static const std::string nothing;
    return text_ ? *text_ : nothing;
  }
  operator const std::string&() const { return str(); }  // NOLINT: implicit, as strings are
  bool empty() const { return str().empty(); }
  void clear() { *this = label(); }

  friend bool operator==(const label& a, std::string_view b) { return a.str() == b; }

 private:
  label* self_ = this;
  std::string* text_ = nullptr;
};

}  // namespace banyan::detail
