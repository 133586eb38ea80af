#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace banyan::detail {

/// A place in a queue. Gives itself back, which takes the lock of the queues.
class queue_place {
 public:
  queue_place(std::uint64_t number, bool section, std::function<void()> give_back)
      : number_(number), section_(section), give_back_(std::move(give_back)) {}
  ~queue_place() { give_back_(); }
  queue_place(const queue_place&) = delete;
  queue_place& operator=(const queue_place&) = delete;

  /// Larger than that of any place in this queue that was given before.
  std::uint64_t number() const { return number_; }
  /// It is given up at the end only.
  bool section() const { return section_; }

 private:
  const std::uint64_t number_;
  const bool section_;
  const std::function<void()> give_back_;
};

using place_ptr = std::shared_ptr<queue_place>;

}  // namespace banyan::detail
