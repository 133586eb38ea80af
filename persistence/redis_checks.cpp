#include "persistence/redis_checks.hpp"

#include <string_view>

#include <banyan/error.hpp>

#include "persistence/number_text.hpp"

namespace banyan::detail {
namespace {

/// The value of `name:` in what INFO answers; empty if it is not there.
std::string info_value(std::string_view info, std::string_view name) {
  while (!info.empty()) {
    const auto end = info.find("\r\n");
    const std::string_view line = info.substr(0, end);
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':') {
      return std::string(line.substr(name.size() + 1));
    }
    info = end == info.npos ? std::string_view() : info.substr(end + 2);
  }
  return {};
}

/// A setting, where the server lets us see it: many that are run for others do not.
std::string setting(redis_connection& c, std::string_view name) {
  redis_commands command;
  command.add({"CONFIG", "GET", name});
  c.send(command);
  const redis_reply reply = c.receive();
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2) return {};
  return std::string(text_of(*reply->element[1]));
}

}  // namespace

redis_health redis_health::of(redis_connection& c) {
  redis_health h;
  h.version = info_value(text_of(*c.call({"INFO", "server"})), "redis_version");
  h.append_only = info_value(text_of(*c.call({"INFO", "persistence"})), "aof_enabled") == "1";
  h.eviction = info_value(text_of(*c.call({"INFO", "memory"})), "maxmemory_policy");
  h.fsync = setting(c, "appendfsync");
  h.snapshots = !setting(c, "save").empty();
  return h;
}

void redis_health::check(const std::string& store_name, bool allow_eviction) const {
  constexpr int oldest = 4;
  std::string_view text = version;
  if (take_number<int>(text).value_or(0) < oldest) {
    throw error(errc::store_unavailable,
                store_name + ": Redis " + version + " is too old: version " + std::to_string(oldest) + " is needed");
  }
  if (!allow_eviction && !eviction.empty() && eviction != "noeviction") {
    throw error(errc::invalid_argument,
                store_name + ": its maxmemory-policy is " + eviction +
                    ", under which Redis forgets records when memory is short: set it to noeviction, or open the "
                    "store with ?allow_eviction=yes");
  }
}

store_remark redis_health::remark(const std::string& store_name) const {
  std::string kept;
  if (append_only) {
    kept = fsync == "always"     ? "every write is on disk when it is acknowledged"
           : fsync == "everysec" ? "the last second may be lost when the server ends"
           : fsync == "no"       ? "what the system has not written may be lost when the machine ends"
                                 : "it has an append-only file";
  } else {
    kept = snapshots ? "all since the last snapshot is lost when the server ends (appendonly is off)"
                     : "ALL IS LOST WHEN THE SERVER ENDS (appendonly is off)";
  }
  const std::string policy = eviction.empty() || eviction == "noeviction" ? "" : "; it may evict records: " + eviction;
  return {!append_only || !policy.empty(), store_name + ": Redis " + version + "; " + kept + policy};
}

}  // namespace banyan::detail
