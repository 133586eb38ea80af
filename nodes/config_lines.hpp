#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace banyan::detail {

/// For each section and key of a configuration, by its full name ("banyan.tls.key"), the lines that it is given in,
/// counted from 1.
using config_lines = std::map<std::string, std::vector<unsigned>, std::less<>>;

/// Finds them in a text in CAF's configuration syntax: CAF itself gives values without the places they came from.
/// Whatever is no such syntax is passed over.
config_lines find_config_lines(std::string_view text);

}  // namespace banyan::detail
