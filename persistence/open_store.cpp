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

void check_memory(const store_url& url) {
  if (!url.path().empty()) throw_bad_url("memory: takes no path");
  url.expect_no_options("");
}

std::unique_ptr<store> open_memory(store_url url, open_mode mode, std::string_view /*holder*/,
                                   const session_options& /*session*/) {
  check_memory(url);
  if (mode != open_mode::drive) {
    throw error(errc::invalid_argument, "memory: lives in the process that drives it; there is nothing else to open");
  }
  return std::make_unique<memory_store>();
}

sqlite_settings take_sqlite_settings(store_url& url) {
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
  return settings;
}

std::unique_ptr<store> open_sqlite(store_url url, open_mode mode, std::string_view holder,
                                   const session_options& /*session*/) {
  return std::make_unique<sqlite_store>(take_sqlite_settings(url), mode, holder);
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

store_summary summarize_store(std::string_view text) {
  store_url url = store_url::parse(text);
  if (url.take_scheme_prefix(fault_prefix)) fault_plan::take(url);
  find_opener(url.scheme());
  if (is_redis_scheme(url.scheme())) return {redis_settings::take(url).describe(), true};
  if (url.scheme() == "sqlite") return {"sqlite:" + take_sqlite_settings(url).path, false};
  check_memory(url);
  return {"memory:", false};
}

}  // namespace banyan::detail
