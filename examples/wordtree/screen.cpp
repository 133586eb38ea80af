#include "examples/wordtree/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "examples/wordtree/interrupt.hpp"

namespace wordtree {
namespace {

constexpr const char* hide_cursor = "\x1b[?25l";
constexpr const char* show_cursor = "\x1b[?25h";
constexpr const char* clear_line_end = "\x1b[K";
constexpr const char* clear_below = "\x1b[J";

struct size {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

size terminal_size() {
  winsize w{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0) return {};
  return {w.ws_col, w.ws_row};
}

/// In one piece, so that no half picture is seen.
void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

screen::screen() : terminal_(isatty(STDERR_FILENO) == 1) {}

std::size_t screen::width() const { return terminal_size().columns; }
std::size_t screen::height() const { return terminal_size().rows; }

std::string screen::over_the_picture() const {
  return drawn_ ? "\r\x1b[" + std::to_string(drawn_) + "A" : std::string();
}

void screen::show(const std::vector<std::string>& lines) {
  if (!terminal_) return;
  restore_cursor_when_killed(true);
  std::string text = over_the_picture() + hide_cursor;
  for (const std::string& line : lines) text += line + clear_line_end + '\n';
  put(text + clear_below);
  drawn_ = lines.size();
}

void screen::print(const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  clear();
  std::string text;
  for (const std::string& line : lines) text += "wordtree: " + line + '\n';
  put(text);
}

void screen::clear() {
  if (drawn_ == 0) return;
  put(over_the_picture() + clear_below + show_cursor);
  drawn_ = 0;
  restore_cursor_when_killed(false);
}

}  // namespace wordtree
