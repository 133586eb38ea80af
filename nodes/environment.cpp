#include "nodes/environment.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string_view>

#include "nodes/setting_text.hpp"

namespace banyan::detail {
namespace {

/// How many letters have to be put in, taken out or changed to make one text of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

const setting* of_variable(std::string_view variable) {
  const auto& all = all_settings();
  const auto found = std::ranges::find(all, variable, &setting::variable);
  return found == all.end() ? nullptr : &*found;
}

bool is_known(std::string_view variable) {
  // BANYAN_LOG is the log's level, the others are our scripts'.
  static constexpr std::string_view others[] = {"BANYAN_LOG", "BANYAN_NO_INSTALL", "BANYAN_JOBS"};
  return of_variable(variable) || std::ranges::find(others, variable) != std::end(others);
}

std::string_view name_of(std::string_view entry) { return entry.substr(0, entry.find('=')); }

}  // namespace

given_settings read_environment(const char* const* environment) {
  given_settings given;
  for (; environment && *environment; ++environment) {
    const std::string_view entry = *environment;
    const std::string_view variable = name_of(entry);
    if (!variable.starts_with("BANYAN_") || entry.size() <= variable.size() + 1) continue;
    const setting* const key = of_variable(variable);
    if (!key) continue;
    const std::string where = "the environment variable " + std::string(variable);
    const std::string text(entry.substr(variable.size() + 1));
    const auto value = read_setting(*key, text);
    if (!value) throw error(errc::invalid_argument, where + refusal_as_text(*key, text));
    given[key->name] = {*value, where};
  }
  return given;
}

std::vector<std::string> find_mistyped(const char* const* environment) {
  constexpr std::size_t slip = 2;
  std::vector<std::string> found;
  for (; environment && *environment; ++environment) {
    const std::string_view variable = name_of(*environment);
    if (!variable.starts_with("BANYAN_") || is_known(variable)) continue;
    for (const setting& key : all_settings()) {
      if (distance(variable, key.variable()) > slip) continue;
      found.push_back("the environment variable " + std::string(variable) + " is none of ours; is " + key.variable() +
                      " meant?");
      break;
    }
  }
  return found;
}

}  // namespace banyan::detail
