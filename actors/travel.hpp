#pragma once

#include "actors/ticket.hpp"
#include "messages/frames.hpp"

/// What a ticket has to do with other nodes. Pure.
namespace banyan::detail {

/// The order to run a child elsewhere. Precondition: it has a parent.
place_frame frame_of(const ticket& t, millis now);
/// Whether a child is to end before it starts.
bool must_stop(const ticket& t);
bool is_durable(const ticket& t);
/// Whether it may go to another node before it has started. Guests are their parents' nodes' to move.
bool may_leave(const ticket& t);
/// It may have run elsewhere: its record says how far it came.
void expect_record(ticket& t);

}  // namespace banyan::detail
