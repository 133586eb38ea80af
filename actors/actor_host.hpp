#pragma once

#include <cstddef>
#include <memory>

#include <banyan/key.hpp>

namespace banyan::detail {

class engine;
class future_cell;

/// Runs futures as actors. With mailbox.hpp's classes it is all that the library knows of the actor framework; both are
/// implemented in actor_host.cpp.
class actor_host {
 public:
  /// `system` is a `caf::actor_system*` to live in, or null for one of its own with so many threads.
  actor_host(engine& owner, unsigned threads, void* system);
  ~actor_host();  ///< precondition: none of its actors is left

  /// Makes the actor of a future and lets it start. `own_thread`: it may block.
  void launch(std::unique_ptr<future_cell> cell, bool own_thread);

  void* system() const;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

/// Actors of futures that exist in this process; for tests.
std::size_t live_actors();

}  // namespace banyan::detail
