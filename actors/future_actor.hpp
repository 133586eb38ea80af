#pragma once

#include <memory>

#include <caf/event_based_actor.hpp>

#include "actors/future_cell.hpp"

namespace banyan::detail {

/// The actor of one future: it hands messages to the cell and dies with it.
class future_actor final : public ::caf::event_based_actor {
 public:
  /// `started`: the cell has run before.
  future_actor(::caf::actor_config& cfg, engine& e, std::unique_ptr<future_cell> cell, bool started);
  ~future_actor() override;

  const char* name() const override { return "banyan.future"; }
  ::caf::behavior make_behavior() override;
  /// Also called when somebody ends the actor from outside: then the future goes on in another one.
  void on_exit() override;
  /// What is left in its mailbox goes here, and still belongs to the engine.
  bool cleanup(::caf::error&& why, ::caf::execution_unit* unit) override;

  /// Makes it known as the future's actor. It may be gone when this returns, but for who holds it.
  void connect();

 private:
  void catch_up();
  void handle(envelope& e);

  engine& engine_;
  presence::token here_;
  std::unique_ptr<future_cell> cell_;
  const life_ptr life_;
  const bool started_;
};

/// Starts a future, unless the engine stops.
void run_first_stretch(engine& e, future_cell& cell);

/// Takes what was said to a future that has no actor yet, until nothing is left or the future is over.
void take_kept(future_cell& cell);

/// Lets a future go on in another actor.
void revive(engine& e, std::unique_ptr<future_cell> cell);

/// Frees a finished cell, and begins its future anew if that is why it ended.
void retire(engine& e, std::unique_ptr<future_cell> cell);

}  // namespace banyan::detail
