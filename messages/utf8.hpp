#pragma once

#include <cstddef>
#include <string_view>

namespace banyan::detail {

struct code_point {
  char32_t value = 0;
  std::size_t length = 1;  ///< bytes taken
  bool valid = false;      ///< false: the bytes are no well-formed UTF-8; `value` is then U+FFFD
};

/// Decodes what `text`, which is not empty, begins with. Of malformed bytes it takes at least one.
code_point first_code_point(std::string_view text);

/// True for the code points that make a terminal do something instead of showing something: C0, DEL, C1, line and
/// paragraph separators, and what changes the direction of writing.
bool is_control(char32_t c);

}  // namespace banyan::detail
