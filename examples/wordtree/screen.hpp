#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace wordtree {

/// The lower end of the terminal behind stderr, where a picture of a few lines is drawn again and again.
/// If stderr is no terminal nothing is drawn and lines are just printed.
class screen {
 public:
  screen();
  ~screen() { clear(); }
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;

  bool is_terminal() const { return terminal_; }
  /// As of now: terminals change their size.
  std::size_t width() const;
  std::size_t height() const;

  /// Draws over the picture that is there.
  void show(const std::vector<std::string>& lines);
  /// Prints lines above the picture, each with the program's name in front. The picture is gone until the next `show`.
  void print(const std::vector<std::string>& lines);
  /// Takes the picture away and gives the cursor back.
  void clear();

 private:
  std::string over_the_picture() const;

  bool terminal_;
  std::size_t drawn_ = 0;  ///< lines of the picture
};

}  // namespace wordtree
