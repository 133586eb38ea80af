#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <banyan/error.hpp>
#include <banyan/key.hpp>

#include "persistence/membership.hpp"

namespace banyan::detail {

/// Who is still to say that a future and all below it have been told to stop. A wave begins with one node and goes on
/// to those that run something for it; each answers when all that it asked have answered. Thread-safe.
class halts {
 public:
  using target = std::pair<incarnation_id, key>;
  using callback = std::function<void()>;

  /// What another node asks for.
  struct request {
    incarnation_id from;
    std::uint64_t wave;  ///< its number there
    banyan::key future;
    error_info why;
  };

  /// Begins a wave and returns its number. `done` is called once all targets have answered or are lost, perhaps at
  /// once; it must not block.
  std::uint64_t begin(const std::vector<target>& targets, callback done);
  void answered(std::uint64_t wave, incarnation_id node, const key& k);
  /// Nothing is waited for from a node that is gone.
  void lost(incarnation_id node);
  /// What a node has not answered, with the number of the wave.
  std::vector<std::pair<std::uint64_t, key>> open_at(incarnation_id node) const;

  /// Notes what is asked for, unless it is asked for again and not done yet. True: it is the first to be taken.
  bool ask(request r);
  std::vector<request> take_asked();
  /// It is about to be answered.
  void done(incarnation_id from, std::uint64_t wave, const key& k);

 private:
  struct wave {
    std::set<target> open;
    callback done;
  };

  mutable std::mutex mutex_;
  std::map<std::uint64_t, wave> waves_;
  std::uint64_t next_ = 1;
  std::vector<request> asked_;
  std::set<std::tuple<incarnation_id, std::uint64_t, key>> undone_;
};

}  // namespace banyan::detail
