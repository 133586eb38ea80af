#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/redis_layout.hpp"
#include "persistence/redis_reader.hpp"
#include "persistence/redis_scripts.hpp"

namespace banyan::detail {

/// Notices of what was changed from outside, for who drives the tree: where they are left, and who takes them.
/// Thread-safe. Everything throws `error`.
class redis_notices {
 public:
  /// All outlive this.
  redis_notices(redis_caller& caller, redis_reader& reader, const redis_layout& layout, const redis_scripts& scripts)
      : caller_(caller), reader_(reader), layout_(layout), scripts_(scripts) {}

  /// What leaves one of a future.
  void leave(redis_commands& out, const key& k);
  /// Takes those for us and for everybody. What is for another, because its tree was passed on, is left to that one.
  std::vector<key> take();
  /// True while one of this key is left that no driver has taken.
  bool pending(const key& k);
  /// For a minute `take` tells of those for `name` too, again and again, and leaves them there: whoever looked the
  /// driver up before we took a tree of its leaves a notice there. Without a name: of trees that wait for any driver.
  void inherit(std::string_view name);

 private:
  using clock = std::chrono::steady_clock;

  /// Nothing for a tree that nobody drives, or wants driven.
  family_id root_of(const key& k);
  std::optional<key> receiver_of(const key& signal);
  std::optional<std::string> driver_of(const key& k);
  std::string place_for(const key& k);
  /// For how many ms a notice lasts there.
  std::string_view lasting_in(const std::string& place) const;
  std::vector<key> take_from(const std::string& name);
  std::vector<key> inherited();
  std::vector<std::string> inherited_names();
  void pass_on(const key& k);

  redis_caller& caller_;
  redis_reader& reader_;
  const redis_layout& layout_;
  const redis_scripts& scripts_;
  std::mutex mutex_;
  std::map<std::string, clock::time_point> inherited_until_;
};

}  // namespace banyan::detail
