#pragma once

#include <functional>
#include <map>
#include <string>

#include "nodes/settings.hpp"

namespace banyan::detail {

/// A value, and who gave it: "configuration file node.conf, line 3", "the environment variable BANYAN_NAME".
struct given_setting {
  setting_value value;
  std::string where;
};

/// By the names of their keys.
using given_settings = std::map<std::string, given_setting, std::less<>>;

/// What is in both is taken from `above`.
given_settings overlaid(given_settings above, given_settings below);

/// Gives values to the options that have their defaults.
void give_settings(const given_settings& given, runtime_options& opts);

}  // namespace banyan::detail
