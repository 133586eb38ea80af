#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wordtree {

/// How far a part of the job is.
struct gauge {
  std::string name;
  double done = 0;   ///< bytes
  double total = 0;  ///< bytes
  double rate = 0;   ///< bytes a second
  std::optional<double> seconds_left;
};

/// All that the live picture shows. Drawing it is a pure function.
struct picture {
  bool measuring = false;  ///< the first pass: totals are not known yet
  std::uint64_t found_files = 0;
  double found_bytes = 0;
  gauge whole;
  std::vector<gauge> busiest;  ///< a directory before what is in it
};

/// The picture as lines of at most `width` columns, without line ends.
std::vector<std::string> draw(const picture& p, std::size_t width);

/// The same in one line for where nothing can be redrawn.
std::string one_line(const picture& p);

/// Where the bar's end is, from 0 to 1.
double fraction_of(const gauge& g);

}  // namespace wordtree
