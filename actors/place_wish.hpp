#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/life.hpp"

namespace banyan::detail {

class exchange;

/// Something waits for a place in a queue: as long as this lives, those above it that have a place there, on any node,
/// lend it whenever they wait for others. Thread-safe; ends under any lock but that of a life.
class place_wish {
 public:
  /// `waits`: a child of `parent`, which waits or has one below it that does. `others`: null where there are no other
  /// nodes. Null: nobody above it is of that queue. Takes what those offer, which is to be dropped under no lock.
  static std::unique_ptr<place_wish> of(exchange* others, life_ptr parent, const key& waits, const std::string& queue,
                                        std::vector<place_ptr>& offered);
  ~place_wish();
  place_wish(const place_wish&) = delete;
  place_wish& operator=(const place_wish&) = delete;

 private:
  place_wish(exchange* others, life_ptr parent, const key& waits, std::string queue)
      : others_(others), parent_(std::move(parent)), waits_(waits), queue_(std::move(queue)) {}

  exchange* const others_;
  const life_ptr parent_;
  const key waits_;
  const std::string queue_;
};

using wish_ptr = std::unique_ptr<place_wish>;

/// True if one from `parent` on upwards is in this critical section; of those on this node.
bool is_inside(const life* parent, const std::string& section);

}  // namespace banyan::detail
