#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "actors/life.hpp"

namespace banyan::detail {

/// The futures that are started and not settled, by key; it keeps their actors alive. Thread-safe.
class live_index {
 public:
  /// Adds a future without an actor yet. Returns the one that is there already, if any, and adds nothing then.
  life_ptr add(const life_ptr& l);
  /// The actor that runs it now, unless one with a higher number is known.
  void set_actor(const key& k, strong_actor actor, std::uint32_t number);
  strong_actor actor(const key& k) const;
  /// Its actor is done; what is known of it stays until `remove`.
  void release_actor(const key& k);
  void remove(const key& k);
  life_ptr find(const key& k) const;
  std::vector<life_ptr> all() const;
  bool empty() const;

 private:
  struct live {
    life_ptr what;
    strong_actor actor;
    std::uint32_t number = 0;
  };
  struct alignas(64) shard {
    mutable std::mutex mutex;
    std::unordered_map<key, live> map;
  };

  shard& shard_of(const key& k) { return shards_[std::hash<key>{}(k) % shards_.size()]; }
  const shard& shard_of(const key& k) const { return shards_[std::hash<key>{}(k) % shards_.size()]; }

  std::array<shard, 64> shards_;
};

}  // namespace banyan::detail
