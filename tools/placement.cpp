#include "tools/placement.hpp"

#include <string>

#include <banyan/error.hpp>

#include "tools/format.hpp"

namespace banyan::tools {

placement parse_placement(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view how = text.substr(0, colon);
  if (colon == std::string_view::npos) {
    if (how == "local") return placement::local();
    if (how == "spread") return placement::spread();
    if (how == "least_loaded") return placement::least_loaded();
  } else if (const std::string_view name = text.substr(colon + 1); !name.empty()) {
    if (how == "role") return placement::role(name);
    if (how == "on") return placement::on(name);
  }
  throw error(errc::invalid_argument,
              "malformed placement '" + printable(text) + "': write spread, least_loaded, role:NAME, on:NAME or local");
}

}  // namespace banyan::tools
