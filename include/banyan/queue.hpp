#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace banyan {

/// What a queue lets run: futures that are spawned with `options::queue` have a place in it while their functions run.
/// A function that waits for others of its queue below it gives its place up meanwhile, one that waits for its next
/// attempt too. The limits hold for all processes of the store; give them the same.
struct queue_limits {
  std::uint32_t concurrency = 0;      ///< how many run at a time; 0: any number
  double rate = 0;                    ///< how many start a second, each attempt counted; 0: any number
  std::uint32_t burst = 1;            ///< how many start at once after a time without one, where there is a rate
  std::uint32_t key_concurrency = 0;  ///< how many with the same `options::queue_key` run at a time; 0: any number

  bool operator==(const queue_limits&) const = default;
};

/// By their names.
using queues = std::map<std::string, queue_limits>;

}  // namespace banyan
