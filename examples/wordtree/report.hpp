#pragma once

#include <string>
#include <string_view>

#include "examples/wordtree/arguments.hpp"
#include "examples/wordtree/results.hpp"

namespace wordtree {

/// What there is to say at the end.
struct report {
  std::string key;
  summary counted;
  double seconds = 0;
};

/// For people: the top words and the totals; ends with a line end.
std::string as_text(const report& r, const arguments& args);

/// One JSON object in one line, without a line end.
std::string as_json(const report& r, const arguments& args);

}  // namespace wordtree
