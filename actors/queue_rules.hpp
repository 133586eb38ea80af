#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/queue.hpp>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// Microseconds since 1970 by the store's clock.
using micros = std::int64_t;

/// Something waits.
struct queue_wish {
  std::int32_t priority = 0;  ///< of the first that waits
  micros since = 0;           ///< it has waited since the last time that it was given a place

  bool operator==(const queue_wish&) const = default;
};

/// What the processes that share a queue know of one of them.
struct queue_member {
  incarnation_id id = 0;
  std::string name;    ///< of the runtime
  micros expires = 0;  ///< its places are free then, unless it has said that it lives
  std::uint32_t places = 0;
  std::map<std::uint64_t, std::uint32_t> groups;  ///< how many of these have a key, by its digest
  bool wants = false;                             ///< something waits there, for any place
  queue_wish wish;
  micros seen = 0;                                 ///< when it said what it wants
  std::map<std::uint64_t, queue_wish> key_wishes;  ///< of the first keys for which there is no place, by their digests

  bool operator==(const queue_member&) const = default;
};

/// What they have agreed on.
struct queue_state {
  std::vector<queue_member> members;
  micros next_start = 0;          ///< when the rate alone would let one start, had there been no burst
  std::uint64_t last_number = 0;  ///< of a place that was given

  bool operator==(const queue_state&) const = default;
};

bytes encode_queue(const queue_state& q);
/// Throws `error` (`corrupt_record`). Nothing is a queue that nobody uses.
queue_state decode_queue(std::string_view data);

/// Who asks, and when.
struct queue_asker {
  incarnation_id id = 0;
  std::string_view name;
  micros now = 0;
  micros life = 0;  ///< its places are free so long after it was last heard of
};

/// True if the others are to hear of it: not only that the asker still lives, or waits, unless it is time to say so.
bool differs(const queue_state& before, const queue_state& after, const queue_asker& asker);

/// Gives places in one queue to one process: a look at what all agreed on, then `take` for one after the other of those
/// that wait, then `close`. Rules alone; nothing here knows a store.
class queue_turn {
 public:
  /// `held`: the places that the asker has, by group; 0: without a key.
  queue_turn(queue_state before, const queue_limits& limits, const queue_asker& asker,
             const std::map<std::uint64_t, std::uint32_t>& held);

  enum class answer : std::uint8_t {
    yes,
    full,        ///< all places are taken, or are for those who wait longer or have a higher priority
    group_full,  ///< as many of this key as may have a place have one
    too_soon,    ///< `free_at` says when the rate lets the next start
  };
  /// `starts`: it counts for the rate.
  answer take(std::int32_t priority, std::uint64_t group, bool starts);
  /// Of the place that was given last: larger than of all before it.
  std::uint64_t number() const { return state_.last_number; }
  micros free_at() const;

  /// `waiting`: the priority of the first that is left.
  queue_state close(std::optional<std::int32_t> waiting);

 private:
  std::uint32_t members_before(std::int32_t priority, std::uint64_t group) const;
  std::uint32_t taken_of(std::uint64_t group) const;
  micros waits_since(std::uint64_t group) const;

  const queue_limits& limits_;
  const queue_asker asker_;
  queue_state state_;
  queue_member own_;
  std::map<std::uint64_t, queue_wish> earlier_;  ///< what the asker said that it wants, without what it was given since
  std::uint32_t taken_ = 0;
};

}  // namespace banyan::detail
