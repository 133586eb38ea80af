#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <banyan/error.hpp>
#include <banyan/status.hpp>

#include "messages/record.hpp"
#include "persistence/future_view.hpp"

/// How things read.
namespace banyan::tools {

/// The text on one line, with nothing in it that a terminal would obey.
std::string printable(std::string_view text);

/// The columns that a printable text takes up on a terminal.
std::size_t width_of(std::string_view text);
/// The text, cut with an ellipsis where it takes more columns.
std::string clipped(std::string_view text, std::size_t columns);
/// The text, filled with blanks to so many columns.
std::string padded(std::string_view text, std::size_t columns);

/// A time span to two figures or so: "250ms", "1.5s", "3m 20s", "2h 5m", "5d 3h".
std::string span_text(detail::millis d);
/// The same to its largest unit: "3m".
std::string age_text(detail::millis d);
/// Reads "500ms", "30s", "12h", "7d" and the like. Throws `error` (`invalid_argument`).
detail::millis parse_span(std::string_view text);

/// "45%": whole percents, and 100 only when nothing is left. "?": how much there is to do is not known.
std::string percent_text(const progress& p);
/// A bar of so many columns.
std::string bar(double fraction, std::size_t columns);
/// "1,234,567".
std::string number_text(std::size_t n);

/// The status in a word or two, as in "waiting, parked" or "damaged".
std::string status_text(const detail::future_view& v);
/// The message and where it came from, on one line.
std::string error_text(const error_info& info);

}  // namespace banyan::tools
