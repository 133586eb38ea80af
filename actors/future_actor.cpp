#include "actors/future_actor.hpp"

#include <algorithm>
#include <atomic>

#include <caf/atom.hpp>

#include <banyan/caf.hpp>

#include "actors/actor_host.hpp"
#include "actors/caf_door.hpp"
#include "actors/caf_glue.hpp"
#include "actors/engine.hpp"

namespace banyan::detail {
namespace {

std::atomic<std::size_t> actors{0};

/// Before the next try, where `times` in a row went wrong.
std::chrono::milliseconds pause_after(std::uint32_t times) {
  return times == 0 ? std::chrono::milliseconds(0) : std::chrono::milliseconds(10) * (1u << std::min(times, 6u));
}

using catch_up_atom = ::caf::atom_constant<::caf::atom("by.catchup")>;

}  // namespace

std::size_t live_actors() { return actors.load(); }

void run_first_stretch(engine& e, future_cell& cell) {
  // Who stops the engine may have missed this one.
  if (e.stopping()) cell.receive(leave{});
  if (!cell.finished()) cell.start();
  if (e.stopping()) cell.receive(leave{});
}

void take_kept(future_cell& cell) {
  mailbox_link& mailbox = cell.who()->mailbox;
  for (auto messages = mailbox.take(); !messages.empty() && !cell.finished(); messages = mailbox.take()) {
    for (envelope& e : messages) cell.receive(std::move(e.what));
  }
}

void revive(engine& e, std::unique_ptr<future_cell> cell) {
  const presence::token here = e.stay();
  ticket_ptr again = cell->abandon();
  const auto delay = pause_after(++again->history->actors_lost);
  e.log(log_level::warning, "the actor of " + again->self.str() + " died; the future goes on in another one");
  cell.reset();
  e.departed(*again->own);
  e.relaunch(std::move(again), delay);
}

void retire(engine& e, std::unique_ptr<future_cell> cell) {
  const presence::token here = e.stay();
  ticket_ptr again = cell->take_again();
  cell.reset();
  if (!again) return;
  const auto delay = pause_after(again->history->pauses);
  e.relaunch(std::move(again), delay);
}

future_actor::future_actor(::caf::actor_config& cfg, engine& e, std::unique_ptr<future_cell> cell, bool started)
    : ::caf::event_based_actor(cfg),
      engine_(e),
      here_(e.stay()),
      cell_(std::move(cell)),
      life_(cell_->who()),
      started_(started) {
  actors.fetch_add(1);
}

future_actor::~future_actor() { actors.fetch_sub(1); }

void future_actor::connect() {
  // Whatever is done after the actor is known may find the cell gone.
  const life_ptr l = life_;
  engine& e = engine_;
  const std::uint32_t number = l->mailbox.attach(ctrl());
  const bool caught_up = l->mailbox.seal();
  e.live().set_actor(l->self, strong_actor(ctrl()), number);
  if (!caught_up) {
    enqueue(::caf::make_mailbox_element(nullptr, ::caf::make_message_id(), {}, catch_up_atom::value), current_unit);
  }
}

/// What came before it was known as the future's actor.
void future_actor::catch_up() {
  while (!cell_->finished() && !life_->mailbox.seal()) take_kept(*cell_);
}

::caf::behavior future_actor::make_behavior() {
  const unit_scope scope(context());
  if (!started_) {
    run_first_stretch(engine_, *cell_);
    connect();
  }
  catch_up();
  if (cell_->finished()) return {};
  return {
      [this](envelope& e) { handle(e); },
      [](catch_up_atom) {},
      [this](get_atom) {
        const auto promise = make_response_promise();
        answer_with_result(engine_, life_->self, promise);
        return promise;
      },
      [this](cancel_atom) {
        engine_.cancel_live(life_, {errc::cancelled, "cancelled", {}, life_->self});
      },
      [this](status_atom) { return std::string(to_string(life_->status.load())); },
  };
}

void future_actor::handle(envelope& e) {
  const unit_scope scope(context());
  cell_->receive(std::move(e.what));
  e.under_way = {};
  if (cell_->finished()) quit();
}

void future_actor::on_exit() {
  if (!cell_) return;
  if (!cell_->finished() && !engine_.stopping()) {
    revive(engine_, std::move(cell_));
  } else {
    retire(engine_, std::move(cell_));
  }
}

bool future_actor::cleanup(::caf::error&& why, ::caf::execution_unit* unit) {
  const bool first = ::caf::event_based_actor::cleanup(std::move(why), unit);
  here_ = {};
  return first;
}

}  // namespace banyan::detail
