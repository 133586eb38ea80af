#include <limits>

#include <banyan/error.hpp>

#include "persistence/fault_store.hpp"
#include "persistence/memory_store.hpp"
#include "persistence/redis_store.hpp"
#include "persistence/sqlite_store.hpp"
#include "persistence/store.hpp"
#include "persistence/url.hpp"

namespace banyan::detail {
namespace {

using opener = std::unique_ptr<store> (*)(store_url url, open_mode mode, std::string_view holder,
                                          const session_options& session);

std::unique_ptr<store> open_memory(store_url url, open_mode mode, std::string_view /*holder*/,
                                   const session_options& /*session*/) {
  if (!url.path().empty()) throw_bad_url("memory: takes no path");
  url.expect_no_options("");
  if (mode != open_mode::drive) {
    throw error(errc::invalid_argument, "memory: lives in the process that drives it; there is nothing else to open");
  }
  return std::make_unique<memory_store>();
}

std::unique_ptr<store> open_sqlite(store_url url, open_mode mode, std::string_view holder,
                                   const session_options& /*session*/) {
  sqlite_settings settings;
  settings.path = url.path();
  if (settings.path.empty()) throw_bad_url("sqlite: needs the path of a file");
  if (settings.path == ":memory:") throw_bad_url("for a store without a file write memory:");
  // In other URLs a host follows two slashes; an absolute path has one, or three where it looks like a URL.
  if (settings.path.starts_with("//") && !settings.path.starts_with("///")) {
    throw_bad_url("after sqlite: comes a path, as in sqlite:jobs.db or sqlite:/var/lib/jobs.db");
  }
  settings.full_synchronous = url.take_choice("synchronous", {"normal", "full"}).value_or(0) == 1;
  constexpr std::uint64_t longest_timeout_ms = 3'600'000;
  settings.busy_timeout_ms = static_cast<int>(url.take_number("busy_timeout", longest_timeout_ms).value_or(5000));
  url.expect_no_options("synchronous, busy_timeout");
  return std::make_unique<sqlite_store>(std::move(settings), mode, holder);
}

std::unique_ptr<store> open_redis(store_url url, open_mode mode, std::string_view holder,
                                  const session_options& session) {
  return std::make_unique<redis_store>(redis_settings::take(url), mode, holder, session);
}

opener find_opener(std::string_view scheme) {
  if (scheme == "memory") return open_memory;
  if (scheme == "sqlite") return open_sqlite;
  if (is_redis_scheme(scheme)) return open_redis;
  throw_bad_url("unknown scheme " + std::string(scheme) + ":");
}

}  // namespace

std::unique_ptr<store> open_store(std::string_view text, open_mode mode, std::string_view holder,
                                  const session_options& session) {
  store_url url = store_url::parse(text);
  const bool with_faults = url.take_scheme_prefix(fault_prefix);
  const opener open = find_opener(url.scheme());
  if (!with_faults) return open(std::move(url), mode, holder, session);
  const fault_plan plan = fault_plan::take(url);
  return std::make_unique<fault_store>(open(std::move(url), mode, holder, session), plan);
}

}  // namespace banyan::detail
