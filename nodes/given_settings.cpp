#include "nodes/given_settings.hpp"

namespace banyan::detail {

given_settings overlaid(given_settings above, given_settings below) {
  above.merge(below);
  return above;
}

void give_settings(const given_settings& given, runtime_options& opts) {
  for (const auto& [name, setting] : given) {
    const auto* const key = find_setting(name);
    if (key->is_default(opts)) key->set(opts, setting.value);
  }
}

}  // namespace banyan::detail
