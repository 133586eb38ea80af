#include "tools/screen.hpp"

#include <sys/ioctl.h>

#include <exception>

namespace banyan::tools {
namespace {

constexpr char hide_cursor[] = "\x1b[?25l";
constexpr char show_cursor[] = "\x1b[?25h";
/// A line that is too long must not take two rows: the way back up would be too short.
constexpr char cut_lines[] = "\x1b[?7l";
constexpr char wrap_lines[] = "\x1b[?7h";
constexpr char clear_rest_of_line[] = "\x1b[K";
constexpr char clear_below[] = "\x1b[J";

std::string up(std::size_t lines) { return lines == 0 ? "" : "\x1b[" + std::to_string(lines) + "A"; }

}  // namespace

screen::~screen() {
  if (!hidden_) return;
  try {
    out_.write(show_cursor);
    out_.flush();
  } catch (const output_closed&) {
  } catch (const std::exception&) {
    // The terminal is gone, and its cursor with it.
  }
}

screen_size screen::size() const {
  winsize size{};
  if (::ioctl(out_.descriptor(), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

void screen::draw(const std::vector<std::string>& lines) {
  if (!hidden_) out_.write(hide_cursor);
  hidden_ = true;
  out_.write(cut_lines + up(drawn_) + "\r");
  for (const std::string& line : lines) out_.line(line + clear_rest_of_line);
  out_.write(std::string(clear_below) + wrap_lines);
  out_.flush();
  drawn_ = lines.size();
}

}  // namespace banyan::tools
