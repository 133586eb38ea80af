#include "nodes/config_file.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/settings.hpp>
#include <caf/timespan.hpp>
#include <functional>
#include <map>

namespace banyan::detail {
namespace {

using reader = std::function<bool(const ::caf::config_value&)>;
using readers = std::map<std::string, reader>;

[[noreturn]] void reject(const std::string& file, const std::string& why) {
  throw error(errc::invalid_argument, "configuration file " + file + ": " + why);
}

bool read_text(const ::caf::config_value& v, std::string& target) {
  const auto* text = ::caf::get_if<std::string>(&v);
  if (text && target.empty()) target = *text;
  return text != nullptr;
}

/// A whole number from 1 on. It is taken where the option has its default.
template <class T>
bool read_count(const ::caf::config_value& v, T& target, T default_value) {
  const auto* number = ::caf::get_if<std::int64_t>(&v);
  if (!number || *number < 1 || static_cast<std::uint64_t>(*number) > std::numeric_limits<T>::max()) return false;
  if (target == default_value) target = static_cast<T>(*number);
  return true;
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
    if (!it->second(value)) reject(file, section + "." + name + " has a value of the wrong kind or out of range");
  }
}

readers limit_readers(limits& l) {
  static const limits defaults;
  return {
      {"max-payload", [&l](const auto& v) { return read_count(v, l.max_payload, defaults.max_payload); }},
      {"max-depth", [&l](const auto& v) { return read_count(v, l.max_depth, defaults.max_depth); }},
      {"max-in-flight", [&l](const auto& v) { return read_count(v, l.max_in_flight, defaults.max_in_flight); }},
      {"max-crash-recoveries",
       [&l](const auto& v) { return read_count(v, l.max_crash_recoveries, defaults.max_crash_recoveries); }},
      {"max-blocking", [&l](const auto& v) { return read_count(v, l.max_blocking, defaults.max_blocking); }},
  };
}

}  // namespace

runtime_options with_config_file(runtime_options opts) {
  if (opts.config_file.empty()) return opts;
  const std::string file = opts.config_file;
  const auto parsed = ::caf::actor_system_config::parse_config_file(file.c_str());
  if (!parsed) reject(file, "cannot be read as a configuration in CAF's syntax");
  const auto section = parsed->find("banyan");
  if (section == parsed->end()) reject(file, "has no section banyan");
  const auto* values = ::caf::get_if<::caf::settings>(&section->second);
  if (!values) reject(file, "banyan is no section");
  if (opts.store == runtime_options().store) opts.store.clear();
  read_section(file, "banyan", *values,
               {{"store", [&](const auto& v) { return read_text(v, opts.store); }},
                {"name", [&](const auto& v) { return read_text(v, opts.name); }},
                {"threads", [&](const auto& v) { return read_count(v, opts.threads, 0u); }},
                {"retention", [&](const auto& v) { return read_duration(v, opts.retention); }},
                {"limits", [&](const auto& v) {
                   const auto* nested = ::caf::get_if<::caf::settings>(&v);
                   if (nested) read_section(file, "banyan.limits", *nested, limit_readers(opts.limits));
                   return nested != nullptr;
                 }}});
  if (opts.store.empty()) opts.store = runtime_options().store;
  return opts;
}

}  // namespace banyan::detail
