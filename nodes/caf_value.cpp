#include "nodes/caf_value.hpp"

#include <caf/timespan.hpp>

namespace banyan::detail {
namespace {

std::optional<setting_value> from_list(const ::caf::config_value::list& list) {
  std::vector<std::string> texts;
  for (const ::caf::config_value& v : list) {
    const auto* text = ::caf::get_if<std::string>(&v);
    if (!text) return std::nullopt;
    texts.push_back(*text);
  }
  return texts;
}

}  // namespace

std::optional<setting_value> from_caf(const ::caf::config_value& v) {
  if (const auto* text = ::caf::get_if<std::string>(&v)) return *text;
  if (const auto* number = ::caf::get_if<std::int64_t>(&v)) return *number;
  if (const auto* span = ::caf::get_if<::caf::timespan>(&v)) return std::chrono::nanoseconds(*span);
  if (const auto* flag = ::caf::get_if<bool>(&v)) return *flag;
  if (const auto* list = ::caf::get_if<::caf::config_value::list>(&v)) return from_list(*list);
  return std::nullopt;
}

}  // namespace banyan::detail
