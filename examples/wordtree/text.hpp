#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wordtree {

/// `bytes` for people: what is no well-formed UTF-8, moves the cursor or changes the order of letters comes as \xHH.
std::string printable(std::string_view bytes);

/// The columns that printable text takes up on a terminal.
std::size_t columns(std::string_view text);

/// Text that takes up `width` columns exactly: filled up with spaces, or cut with ".." in the middle.
std::string fitted(std::string_view text, std::size_t width);

std::string format_bytes(double bytes);       ///< 266377360 as "266.4 MB"
std::string format_seconds(double seconds);   ///< "0.4 s", "12 s", "3 min 20 s", "1 h 5 min"
std::string format_count(std::uint64_t n);    ///< 26608591 as "26,608,591"
std::string format_percent(double fraction);  ///< 0.437 as "43 %": 100 only when all is done

}  // namespace wordtree
