#pragma once

#include <caf/actor_system_config.hpp>

namespace banyan::detail {

/// Sets up an actor system of our own for actors that are many and short-lived: with CAF's scheduler of one queue for
/// all threads, and without what CAF does at the end of each actor for timeouts, which ours never set.
void use_our_scheduler(::caf::actor_system_config& config, unsigned threads);

}  // namespace banyan::detail
