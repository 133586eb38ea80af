#pragma once

#include <string>
#include <string_view>

#include <banyan/options.hpp>

namespace banyan::detail {

/// With which the queue of a critical section begins; no other does.
inline constexpr std::string_view section_prefix = "section:";

/// Throws `error` (`invalid_argument`) for a name above `max_name`. `whose` says which, as in "a signal's name".
void check_name(std::string_view name, std::string_view whose);

/// The same of all names in options but the id, which Banyan's own futures have longer.
void check_names(const options& opts);

/// What is kept of the text of an exception: at most 64 KiB. One that was longer ends with how long it was.
std::string cut_message(std::string message);

}  // namespace banyan::detail
