#include "nodes/config_file.hpp"

#include <algorithm>
#include <caf/actor_system_config.hpp>
#include <caf/settings.hpp>
#include <caf/timespan.hpp>
#include <functional>
#include <limits>
#include <map>

namespace banyan::detail {
namespace {

struct reader {
  std::string takes;                                     ///< what it reads, in words
  std::function<bool(const ::caf::config_value&)> read;  ///< false: it is something else
};
using readers = std::map<std::string, reader>;

[[noreturn]] void reject(const std::string& file, const std::string& why) {
  throw error(errc::invalid_argument, "configuration file " + file + ": " + why);
}

/// Why CAF could not read a file, and where it stopped.
[[noreturn]] void reject_unread(const std::string& file, const ::caf::error& why) {
  if (why == ::caf::sec::cannot_open_file) reject(file, "cannot be opened");
  std::string position;
  if (why.context().match_elements<::caf::settings>()) {
    const auto& place = why.context().get_as<::caf::settings>(0);
    position = " at line " + std::to_string(::caf::get_or(place, "line", std::int64_t{0})) + ", column " +
               std::to_string(::caf::get_or(place, "column", std::int64_t{0}));
  }
  reject(file, "cannot be read as a configuration in CAF's syntax" + position);
}

bool read_text(const ::caf::config_value& v, std::string& target) {
  const auto* text = ::caf::get_if<std::string>(&v);
  if (text && target.empty()) target = *text;
  return text != nullptr;
}

/// Reads a whole number from 1 on. It is taken where the option has its default.
template <class T>
reader count_reader(T& target, T default_value) {
  constexpr auto most = static_cast<std::int64_t>(
      std::min<std::uint64_t>(std::numeric_limits<T>::max(), std::numeric_limits<std::int64_t>::max()));
  return {"a whole number from 1 to " + std::to_string(most), [&target, default_value](const auto& v) {
            const auto* number = ::caf::get_if<std::int64_t>(&v);
            if (!number || *number < 1 || *number > most) return false;
            if (target == default_value) target = static_cast<T>(*number);
            return true;
          }};
}

bool read_duration(const ::caf::config_value& v, std::optional<std::chrono::seconds>& target) {
  const auto* span = ::caf::get_if<::caf::timespan>(&v);
  if (!span || span->count() < 0) return false;
  if (!target) target = std::chrono::duration_cast<std::chrono::seconds>(*span);
  return true;
}

void read_section(const std::string& file, const std::string& section, const ::caf::settings& values,
                  const readers& known) {
  for (const auto& [name, value] : values) {
    const auto it = known.find(name);
    if (it == known.end()) {
      std::string names;
      for (const auto& [key, read] : known) names += (names.empty() ? "" : ", ") + key;
      reject(file, "unknown key " + section + "." + name + "; known are " + names);
    }
    if (!it->second.read(value)) reject(file, section + "." + name + " takes " + it->second.takes);
  }
}

readers limit_readers(limits& l) {
  static const limits defaults;
  return {
      {"max-payload", count_reader(l.max_payload, defaults.max_payload)},
      {"max-depth", count_reader(l.max_depth, defaults.max_depth)},
      {"max-in-flight", count_reader(l.max_in_flight, defaults.max_in_flight)},
      {"max-crash-recoveries", count_reader(l.max_crash_recoveries, defaults.max_crash_recoveries)},
      {"max-blocking", count_reader(l.max_blocking, defaults.max_blocking)},
  };
}

}  // namespace

runtime_options with_config_file(runtime_options opts) {
  if (opts.config_file.empty()) return opts;
  const std::string file = opts.config_file;
  const auto parsed = ::caf::actor_system_config::parse_config_file(file.c_str());
  if (!parsed) reject_unread(file, parsed.error());
  const auto section = parsed->find("banyan");
  if (section == parsed->end()) reject(file, "has no section banyan");
  const auto* values = ::caf::get_if<::caf::settings>(&section->second);
  if (!values) reject(file, "banyan is no section");
  if (opts.store == runtime_options().store) opts.store.clear();
  const auto read_limits = [&](const ::caf::config_value& v) {
    const auto* nested = ::caf::get_if<::caf::settings>(&v);
    if (nested) read_section(file, "banyan.limits", *nested, limit_readers(opts.limits));
    return nested != nullptr;
  };
  read_section(
      file, "banyan", *values,
      {{"store", {"a text in quotes", [&](const auto& v) { return read_text(v, opts.store); }}},
       {"name", {"a text in quotes", [&](const auto& v) { return read_text(v, opts.name); }}},
       {"threads", count_reader(opts.threads, 0u)},
       {"retention",
        {"a duration that is not negative, as 168h", [&](const auto& v) { return read_duration(v, opts.retention); }}},
       {"limits", {"a section", read_limits}}});
  if (opts.store.empty()) opts.store = runtime_options().store;
  return opts;
}

}  // namespace banyan::detail
