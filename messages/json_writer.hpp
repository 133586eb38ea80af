#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace banyan::detail {

/// Writes JSON text piece by piece, on one line; how deep it nests costs no stack. The caller opens, names and closes
/// in a sensible order. Whatever the strings hold, the text is valid UTF-8 and safe to show on a terminal: malformed
/// bytes become U+FFFD, control characters are escaped.
class json_writer {
 public:
  json_writer& begin_object();
  json_writer& end_object();
  json_writer& begin_array();
  json_writer& end_array();

  /// Names the next value, inside an object.
  json_writer& name(std::string_view text);

  json_writer& string(std::string_view text);
  json_writer& number(std::int64_t v);
  json_writer& number(std::uint64_t v);
  /// The shortest text that reads back as `v`, always with a point or an exponent; NaN and the infinities become
  /// strings.
  json_writer& real(double v);
  json_writer& real(float v);
  json_writer& boolean(bool v);
  json_writer& null();

  /// What was written since the start or the last `take`.
  const std::string& text() const { return text_; }
  std::string take();

 private:
  void separate();
  json_writer& plain(std::string_view text);
  template <class Real>
  json_writer& shortest(Real v);

  std::string text_;
  bool comma_ = false;  ///< the next item has one before it
};

/// `data` in base64.
std::string base64(std::string_view data);

}  // namespace banyan::detail
