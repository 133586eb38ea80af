#pragma once

#include <optional>

#include "nodes/settings.hpp"

/// How settings are written and read. A file holds them in CAF's syntax; elsewhere a text has no quotes, and a list is
/// `a,b`. Numbers, durations and flags are the same everywhere: `3`, `5s`, `true`.
namespace banyan::detail {

/// What this key takes, in words: "a whole number from 1 to 64".
std::string taken_in_file(const setting& key);
std::string taken_as_text(const setting& key);

/// Why a value is refused, to be put behind the name of its key: " takes a whole number from 1 to 64", or ": mail:
/// burst goes with a rate".
std::string refusal_in_file(const setting& key, const std::optional<setting_value>& given);
std::string refusal_as_text(const setting& key, const std::string& given);

/// Reads what an environment variable or a command line holds. Nothing: it is not what the key takes.
std::optional<setting_value> read_setting(const setting& key, const std::string& text);

/// A value as a file holds it.
std::string write_setting(const setting_value& v);

/// "5s", "1500ms": in the largest unit that leaves it whole.
std::string write_duration(std::chrono::nanoseconds d);

}  // namespace banyan::detail
