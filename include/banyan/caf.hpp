#pragma once

/// The one door to CAF: live in an actor system that is there already, and talk to futures with its messages.
/// What includes this needs CAF's headers; nothing else of Banyan does.

#include <memory>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/atom.hpp>

#include <banyan/future.hpp>
#include <banyan/runtime.hpp>

namespace banyan {

/// `(get_atom) -> std::string`: the result, msgpack-encoded, once it is there; an error where it is no success.
using get_atom = ::caf::atom_constant<::caf::atom("by.get")>;
/// `(cancel_atom)`: cancels the future and all below it; no answer.
using cancel_atom = ::caf::atom_constant<::caf::atom("by.cancel")>;
/// `(status_atom) -> std::string`: "pending", "running", "waiting", "success", "failure" or "cancelled".
using status_atom = ::caf::atom_constant<::caf::atom("by.status")>;

/// A runtime whose futures are actors of `system`, which must outlive it. `threads` in the options says how many of
/// the system's scheduler threads it counts on (0: one a core). Throws as `runtime`'s constructor does.
std::unique_ptr<runtime> make_runtime(::caf::actor_system& system, runtime_options opts = {});

/// An actor that speaks for a future as said above: its own while it is alive, else one that answers from the
/// record. If a future's own actor is ended from outside, the future goes on in another one.
/// Any thread may ask. Throws `error`: `not_found`, `stopped`, `invalid_argument` (the handle names nothing), and what
/// the store throws.
::caf::actor actor_of(const future_handle& f);

}  // namespace banyan
