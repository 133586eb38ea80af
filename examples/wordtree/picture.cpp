#include "examples/wordtree/picture.hpp"

#include <algorithm>

#include "examples/wordtree/text.hpp"

namespace wordtree {
namespace {

constexpr std::size_t least_name = 8;
constexpr std::size_t most_name = 36;
constexpr std::size_t least_bar = 8;
constexpr std::size_t most_bar = 40;

std::string left_padded(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

std::string bar(double fraction, std::size_t width) {
  const std::size_t inside = width - 2;
  const auto full = static_cast<std::size_t>(fraction * static_cast<double>(inside));
  return "[" + std::string(full, '#') + std::string(inside - full, '-') + "]";
}

/// The numbers behind the bar, the most telling first; where there is little room the last ones are left out.
std::vector<std::string> numbers_of(const gauge& g) {
  return {left_padded(format_percent(fraction_of(g)), 5), left_padded(format_bytes(g.rate), 8) + "/s",
          g.seconds_left ? left_padded(format_seconds(*g.seconds_left), 11) + " left" : std::string(16, ' '),
          left_padded(format_bytes(g.done), 8) + " of " + left_padded(format_bytes(g.total), 8)};
}

std::string gauge_line(const gauge& g, std::size_t name_width, std::size_t width) {
  std::string line = fitted(printable(g.name), std::min(name_width, width));
  std::size_t left = width - std::min(name_width, width);
  std::string numbers;
  for (const std::string& number : numbers_of(g)) {
    if (number.size() + 2 > left) break;
    left -= number.size() + 2;
    numbers += "  " + number;
  }
  if (left >= least_bar + 2) line += "  " + bar(fraction_of(g), std::min(most_bar, left - 2));
  line += numbers;
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string measuring_line(const picture& p) {
  return "measuring " + printable(p.whole.name) + ": " + format_count(p.found_files) + " files, " +
         format_bytes(p.found_bytes);
}

}  // namespace

double fraction_of(const gauge& g) { return g.total > 0 ? std::clamp(g.done / g.total, 0.0, 1.0) : 0; }

std::vector<std::string> draw(const picture& p, std::size_t width) {
  if (p.measuring) {
    const std::string line = measuring_line(p);
    return {columns(line) > width ? fitted(line, width) : line};
  }
  std::size_t name_width = columns(printable(p.whole.name));
  for (const gauge& g : p.busiest) name_width = std::max(name_width, columns(printable(g.name)) + 2);
  name_width = std::clamp(name_width, least_name, std::clamp(width / 4, least_name, most_name));
  std::vector<std::string> lines{gauge_line(p.whole, name_width, width)};
  for (gauge g : p.busiest) {
    g.name.insert(0, "  ");
    lines.push_back(gauge_line(g, name_width, width));
  }
  return lines;
}

std::string one_line(const picture& p) {
  if (p.measuring) return measuring_line(p);
  std::string line = printable(p.whole.name) + ": " + format_percent(fraction_of(p.whole)) + " of " +
                     format_bytes(p.whole.total) + ", " + format_bytes(p.whole.rate) + "/s";
  if (p.whole.seconds_left) line += ", " + format_seconds(*p.whole.seconds_left) + " left";
  return line;
}

}  // namespace wordtree
