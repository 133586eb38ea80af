#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "persistence/redis_layout.hpp"
#include "persistence/redis_scripts.hpp"
#include "persistence/redis_servers.hpp"
#include "persistence/server_clock.hpp"

namespace banyan::detail {

/// Single commands over connections that are kept for it; as many threads as ask at once. A command that finds its
/// connection lost is sent once more over a new one, so it has to be one that may be repeated. Thread-safe.
class redis_caller {
 public:
  explicit redis_caller(redis_servers& servers) : servers_(servers) {}

  /// `key` decides who is asked. Throws `error`.
  redis_reply call(std::string_view key, std::span<const std::string_view> command);
  redis_reply call(std::string_view key, std::initializer_list<std::string_view> command) {
    return call(key, {command.begin(), command.size()});
  }
  /// By the clock of who is asked, ms since 1970.
  std::int64_t time(std::string_view key);
  void measure(std::string_view key, server_clock& clock);
  void close();

 private:
  using place_name = std::string;
  std::unique_ptr<redis_connection> take(const redis_place& where);
  void give_back(const redis_place& where, std::unique_ptr<redis_connection> c);
  redis_reply exchange(const redis_place& where, std::span<const std::string_view> command, bool asking);

  redis_servers& servers_;
  std::mutex mutex_;
  std::map<place_name, std::vector<std::unique_ptr<redis_connection>>> idle_;
};

/// What a Redis store reads of families and of the list of roots. Thread-safe.
class redis_reader {
 public:
  redis_reader(redis_caller& caller, const redis_layout& layout) : caller_(caller), layout_(layout) {}

  std::optional<record> load(const key& k);
  void scan(const family_id& family, const std::function<void(record&&)>& visit);
  bytes header(const family_id& family);
  std::vector<std::string> homes(const family_id& family);
  std::vector<root_entry> roots();
  std::optional<root_entry> root(const family_id& family);
  /// The root of a future's tree, as far up as the headers tell.
  family_id root_of(const key& k);

 private:
  void visit_page(const redisReply& pairs, const std::function<void(record&&)>& visit);
  void scan_large(const std::string& family, std::string cursor, const redisReply& first,
                  const std::function<void(record&&)>& visit);
  /// A sorted set's members and their scores.
  std::map<std::string, std::int64_t> times_in(const std::string& list);
  std::vector<bytes> values_of(const std::string& family, std::span<const redis_field> fields);

  redis_caller& caller_;
  const redis_layout& layout_;
  std::mutex roots_mutex_;
  std::unordered_map<family_id, family_id> roots_of_;  ///< the answers of `root_of`, which never change
};

}  // namespace banyan::detail
