#pragma once

#include <cstddef>
#include <memory>

#include <banyan/key.hpp>

namespace banyan::detail {

class engine;
class future_cell;

/// Runs futures as actors. A future begins in a runner, an actor that runs one future after the other; one that is not
/// over when its function first suspends or ends gets an actor of its own. What most futures are, short leaves, never
/// need one.
///
/// With mailbox.hpp's classes it is all that the library knows of the actor framework.
class actor_host {
 public:
  /// So many runners on so many threads. `system` is a `caf::actor_system*` to live in, or null for one of its own.
  actor_host(engine& owner, unsigned threads, std::size_t runners, void* system);
  ~actor_host();  ///< precondition: none of its futures is left

  /// Starts a future in a runner that has none, or on whose thread this is.
  void launch(std::unique_ptr<future_cell> cell, std::size_t runner);
  /// Starts a future that may block in an actor with a thread of its own.
  void launch_on_own_thread(std::unique_ptr<future_cell> cell);

  void* system() const;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

/// Actors of futures that exist in this process; for tests.
std::size_t live_actors();

}  // namespace banyan::detail
