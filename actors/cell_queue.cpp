#include "actors/engine.hpp"
#include "actors/future_cell.hpp"

namespace banyan::detail {

/// False if the function cannot be begun now. What has timed out needs no place to end.
bool future_cell::has_place() {
  const bool late = ticket_->deadline() && *ticket_->deadline() <= engine_.now_ms();
  if (!lacks_place() || late) {
    if (ticket_->place) take_place(std::move(ticket_->place));
    return true;
  }
  if (engine_.waiting_places().fits(settings(), !life_->parent)) {
    // It was thought to have come to its end.
    begin_again(abandon());
  } else {
    park({errc::unknown_queue, "this program has no queue '" + settings().queue.str() + "'",
          std::string(function_name()), life_->self});
  }
  return false;
}

bool future_cell::lacks_place() const { return !settings().queue.empty() && !ticket_->place; }

/// A timer or a step comes by itself.
bool future_cell::waits_for_others() const {
  return wait_.active && !wait_.over && wait_.kind != wait_request::what::recorded &&
         wait_.kind != wait_request::what::until;
}

/// To those below it that wait for one, as long as the function waits.
void future_cell::lend_own_place() {
  if (ticket_->place && !ticket_->place->section()) life_->offer_place(std::move(ticket_->place));
}

/// What nobody has taken meanwhile.
void future_cell::take_back_own_place() {
  if (lacks_place()) ticket_->place = life_->take_back_place();
}

void future_cell::on(placed m) {
  if (!m.place) return;
  // It may have been stopped meanwhile.
  const bool backed_off = cycle_.current() == lifecycle::phase::backing_off;
  if (!wait_.over && !backed_off) return;
  take_place(std::move(m.place));
  if (wait_.over) {
    wake();
  } else {
    apply(cycle_.backed_off());
  }
}

/// Null: the runtime ends.
void future_cell::take_place(place_ptr place) {
  const bool section = place && place->section();
  if (place) life_->in_queue.store(true);
  ticket_->place = std::move(place);
  // An earlier run may have left some.
  if (section && life_->has_wishes()) engine_.refuse_below(life_->self, settings().queue);
}

void future_cell::leave_queue() {
  life_->in_queue.store(false);
  ticket_->place.reset();
}

std::optional<std::uint64_t> future_cell::place_number() const {
  if (!ticket_->place) return std::nullopt;
  return ticket_->place->number();
}

}  // namespace banyan::detail
