#pragma once

#include <string>
#include <vector>

#include "actors/neighbours.hpp"
#include "actors/ticket.hpp"
#include "messages/frames.hpp"

/// What a ticket has to do with other nodes. Pure.
namespace banyan::detail {

/// The order to run a child elsewhere. Precondition: it has a parent.
place_frame frame_of(const ticket& t, millis now);
/// The queues of all that are above it, on this node and on others; each once.
std::vector<std::string> queues_above(const ticket& t);
/// True if it is this future, or one below it.
bool is_below(const ticket& t, const key& k);
/// What a node has to have to run it.
call_needs needs_of(const ticket& t);
/// Whether a child is to end before it starts.
bool must_stop(const ticket& t);
bool is_durable(const ticket& t);
/// Whether it may go to another node before it has started. Guests are their parents' nodes' to move.
bool may_leave(const ticket& t);
/// It may have run elsewhere: its record says how far it came.
void expect_record(ticket& t);

}  // namespace banyan::detail
