#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/output.hpp"

namespace banyan::tools {

struct screen_size {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

/// A picture of some lines on a terminal, redrawn in place below what was printed before. The cursor is hidden
/// meanwhile.
class screen {
 public:
  explicit screen(output& out) : out_(out) {}
  /// Leaves the last picture as it is.
  ~screen();
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  screen_size size() const;

  /// Fewer lines than the screen has rows.
  void draw(const std::vector<std::string>& lines);

 private:
  output& out_;
  std::size_t drawn_ = 0;
  bool hidden_ = false;
};

}  // namespace banyan::tools
