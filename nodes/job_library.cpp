#include "nodes/job_library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string_view>

#include <banyan/error.hpp>
#include <banyan/version.hpp>

#include "actors/function_registry.hpp"

namespace banyan::detail {
namespace {

[[noreturn]] void reject(const std::string& path, const std::string& why) {
  throw error(errc::invalid_argument, "cannot load " + path + ": " + why);
}

/// A file in the current directory goes before one of the system's libraries.
std::string place_of(const std::string& path) {
  std::error_code unreadable;
  if (std::filesystem::exists(path, unreadable)) return std::filesystem::absolute(path).string();
  if (path.find('/') != path.npos) throw error(errc::not_found, "cannot load " + path + ": there is no such file");
  return path;
}

std::string reason_for(const std::string& fault) {
  constexpr std::string_view ours = "undefined symbol: _ZN6banyan";
  if (fault.find(ours) == fault.npos) return fault;
  return "it was built for another version of Banyan than this, which is " + std::to_string(BANYAN_VERSION_MAJOR) +
         "." + std::to_string(BANYAN_VERSION_MINOR) +
         ", or this program does not show its functions: it has to be linked " + "with banyan::host (" + fault + ")";
}

std::vector<std::string> added_since(const std::vector<function_version>& before) {
  std::vector<function_version> added;
  std::ranges::set_difference(registered_functions(), before, std::back_inserter(added));
  std::vector<std::string> names;
  for (const function_version& f : added) names.push_back(to_string(function_ref{f.name, f.version}));
  return names;
}

}  // namespace

std::vector<std::string> load_job_library(const std::string& path) {
  const std::string place = place_of(path);
  if (dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD)) return {};
  const auto before = registered_functions();
  const auto errors_before = registration_errors().size();
  if (!dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) reject(path, reason_for(dlerror()));
  const auto errors = registration_errors();
  if (errors.size() > errors_before) reject(path, errors[errors_before]);
  const auto added = added_since(before);
  if (added.empty()) {
    reject(path,
           "it registers no function with this program: it has none, or a copy of Banyan of its own (link it "
           "with banyan::jobs, not banyan::banyan)");
  }
  return added;
}

}  // namespace banyan::detail
