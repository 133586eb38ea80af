#include "actors/actor_host.hpp"

#include <algorithm>
#include <atomic>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <banyan/caf.hpp>

#include "actors/caf_door.hpp"
#include "actors/engine.hpp"
#include "actors/future_cell.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(banyan::detail::envelope)

namespace banyan::detail {
namespace {

std::atomic<std::size_t> actors{0};

/// The worker that runs an actor on this thread, so that what it sends goes to the queue at hand.
thread_local ::caf::execution_unit* current_unit = nullptr;

class unit_scope {
 public:
  explicit unit_scope(::caf::execution_unit* u) : previous_(current_unit) { current_unit = u; }
  ~unit_scope() { current_unit = previous_; }
  unit_scope(const unit_scope&) = delete;
  unit_scope& operator=(const unit_scope&) = delete;

 private:
  ::caf::execution_unit* previous_;
};

::caf::actor_control_block* block_of(void* p) { return static_cast<::caf::actor_control_block*>(p); }

/// The actor of one future: it hands messages to the cell and dies with it.
class future_actor final : public ::caf::event_based_actor {
 public:
  future_actor(::caf::actor_config& cfg, engine& e, std::unique_ptr<future_cell> cell)
      : ::caf::event_based_actor(cfg), engine_(e), cell_(std::move(cell)), key_(cell_->who()->self) {
    actors.fetch_add(1);
    cell_->who()->mailbox.connect(ctrl());
    engine_.live().set_actor(key_, strong_actor(ctrl()));
  }

  ~future_actor() override { actors.fetch_sub(1); }

  const char* name() const override { return "banyan.future"; }

  ::caf::behavior make_behavior() override {
    const unit_scope scope(context());
    cell_->start();
    if (cell_->finished()) return {};
    return {
        [this](envelope& e) { handle(e); },
        [this](get_atom) {
          const auto promise = make_response_promise();
          answer_with_result(engine_, key_, promise);
          return promise;
        },
        [this](cancel_atom) {
          engine_.cancel_live(cell_->who(), {errc::cancelled, "cancelled", {}, key_});
        },
        [this](status_atom) { return std::string(to_string(cell_->who()->status.load())); },
    };
  }

  /// Also called when somebody ends the actor from outside: then the future goes on in another one.
  void on_exit() override {
    if (!cell_) return;
    if (!cell_->finished() && !engine_.stopping()) revive();
    cell_.reset();
  }

 private:
  void handle(envelope& e) {
    const unit_scope scope(context());
    cell_->receive(std::move(e.what));
    e.under_way = {};
    if (cell_->finished()) quit();
  }

  void revive() {
    ticket_ptr again = cell_->abandon();
    const auto delay = std::chrono::milliseconds(10) * (1u << std::min(again->history->actors_lost, 6u));
    engine_.log(log_level::warning, "the actor of " + key_.str() + " died; the future goes on in another one");
    cell_.reset();
    engine_.departed(*again->own);
    engine_.relaunch(std::move(again), delay);
  }

  engine& engine_;
  std::unique_ptr<future_cell> cell_;
  const key key_;
};

}  // namespace

std::size_t live_actors() { return actors.load(); }

strong_actor::strong_actor(void* control_block) noexcept : block_(control_block) {
  if (block_) ::caf::intrusive_ptr_add_ref(block_of(block_));
}

strong_actor::strong_actor(strong_actor&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}

strong_actor& strong_actor::operator=(strong_actor&& other) noexcept {
  std::swap(block_, other.block_);
  return *this;
}

strong_actor::~strong_actor() {
  if (block_) ::caf::intrusive_ptr_release(block_of(block_));
}

mailbox_link::~mailbox_link() {
  const link* l = newest_.load(std::memory_order_relaxed);
  while (l) {
    const link* previous = l->previous;
    ::caf::intrusive_ptr_release_weak(block_of(l->control_block));
    delete l;
    l = previous;
  }
}

void mailbox_link::connect(void* control_block) {
  ::caf::intrusive_ptr_add_weak_ref(block_of(control_block));
  // Only one thread makes actors for a future at a time; readers see a complete link.
  newest_.store(new link{control_block, newest_.load(std::memory_order_relaxed)}, std::memory_order_release);
}

bool mailbox_link::post(envelope e) const {
  const link* const l = newest_.load(std::memory_order_acquire);
  if (!l || !::caf::intrusive_ptr_upgrade_weak(block_of(l->control_block))) return false;
  const ::caf::strong_actor_ptr target(block_of(l->control_block), false);
  target->enqueue(::caf::make_mailbox_element(nullptr, ::caf::make_message_id(), {}, std::move(e)), current_unit);
  return true;
}

struct actor_host::implementation {
  engine& owner;
  ::caf::actor_system_config config;
  std::unique_ptr<::caf::actor_system> own;
  ::caf::actor_system* system = nullptr;
};

actor_host::actor_host(engine& owner, unsigned threads, void* system)
    : impl_(new implementation{owner, {}, nullptr, static_cast<::caf::actor_system*>(system)}) {
  if (impl_->system) return;
  impl_->config.set("scheduler.max-threads", static_cast<std::size_t>(threads));
  // Work stealing walks the ready queue at each steal, which takes for ever when a whole tree wakes up at once.
  impl_->config.set("scheduler.policy", ::caf::atom("sharing"));
  impl_->own = std::make_unique<::caf::actor_system>(impl_->config);
  impl_->system = impl_->own.get();
}

actor_host::~actor_host() = default;

void* actor_host::system() const { return impl_->system; }

void actor_host::launch(std::unique_ptr<future_cell> cell, bool own_thread) {
  if (own_thread) {
    impl_->system->spawn<future_actor, ::caf::detached + ::caf::hidden>(impl_->owner, std::move(cell));
  } else {
    ::caf::actor_config cfg{current_unit};
    impl_->system->spawn_class<future_actor, ::caf::hidden>(cfg, impl_->owner, std::move(cell));
  }
}

}  // namespace banyan::detail
