#include "actors/actor_host.hpp"

#include <atomic>
#include <chrono>
#include <latch>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include "actors/apart.hpp"
#include "actors/caf_glue.hpp"
#include "actors/caf_scheduler.hpp"
#include "actors/engine.hpp"
#include "actors/future_actor.hpp"

namespace banyan::detail {
namespace {

using run_atom = ::caf::atom_constant<::caf::atom("by.run")>;

/// Runs futures one after the other: at most one at a time, from its start until its function first suspends or ends.
class runner_actor final : public ::caf::event_based_actor {
 public:
  runner_actor(::caf::actor_config& cfg, engine& e, std::latch& gone)
      : ::caf::event_based_actor(cfg), engine_(e), gone_(gone) {}
  ~runner_actor() override { delete next_.load(); }

  const char* name() const override { return "banyan.runner"; }

  ::caf::behavior make_behavior() override {
    return {[this](run_atom) { run(); }};
  }

  void on_exit() override { gone_.count_down(); }

  /// One message at a time: between two of them it is for the scheduler to say who is next.
  resume_result resume(::caf::execution_unit* unit, std::size_t) override {
    return ::caf::event_based_actor::resume(unit, 1);
  }

  /// Precondition: there is no other future that it is still to start.
  void give(std::unique_ptr<future_cell> cell) {
    next_.store(cell.release(), std::memory_order_release);
    if (current != this) wake();
  }

 private:
  void wake() {
    enqueue(::caf::make_mailbox_element(nullptr, ::caf::make_message_id(), {}, run_atom::value), current_unit);
  }

  std::unique_ptr<future_cell> take() {
    return std::unique_ptr<future_cell>(next_.exchange(nullptr, std::memory_order_acq_rel));
  }

  void run() {
    const unit_scope scope(context());
    const auto until = std::chrono::steady_clock::now() + turn;
    current = this;
    for (auto cell = take(); cell; cell = take()) {
      run(std::move(cell));
      if (std::chrono::steady_clock::now() < until) continue;
      // The actors that were woken meanwhile have their turn.
      if (next_.load(std::memory_order_relaxed)) wake();
      break;
    }
    current = nullptr;
  }

  void run(std::unique_ptr<future_cell> cell) {
    try {
      run_first_stretch(engine_, *cell);
      // If another one is to start, what was said meanwhile is for the future's own actor.
      if (!next_.load(std::memory_order_relaxed)) take_kept(*cell);
    } catch (...) {
      if (!cell->finished()) {
        revive(engine_, std::move(cell));
        return;
      }
    }
    if (cell->finished()) {
      cell->who()->mailbox.close();
      retire(engine_, std::move(cell));
      return;
    }
    ::caf::actor_config cfg{context()};
    const auto own =
        system().spawn_class<future_actor, ::caf::hidden + ::caf::lazy_init>(cfg, engine_, std::move(cell), true);
    static_cast<future_actor*>(::caf::actor_cast<::caf::abstract_actor*>(own))->connect();
  }

  static constexpr std::chrono::microseconds turn{200};
  /// The one that runs on this thread.
  static thread_local const runner_actor* current;

  engine& engine_;
  std::latch& gone_;
  std::atomic<future_cell*> next_{nullptr};
};

thread_local const runner_actor* runner_actor::current = nullptr;

}  // namespace

struct actor_host::implementation {
  engine& owner;
  std::latch runners_gone;
  ::caf::actor_system_config config;
  std::unique_ptr<::caf::actor_system> own;
  ::caf::actor_system* system = nullptr;
  std::vector<::caf::actor> runners;

  runner_actor& runner(std::size_t i) {
    return *static_cast<runner_actor*>(::caf::actor_cast<::caf::abstract_actor*>(runners[i]));
  }
};

actor_host::actor_host(engine& owner, unsigned threads, std::size_t runners, void* system)
    : impl_(new implementation{owner,
                               std::latch(static_cast<std::ptrdiff_t>(runners)),
                               {},
                               nullptr,
                               static_cast<::caf::actor_system*>(system),
                               {}}) {
  if (!impl_->system) {
    use_our_scheduler(impl_->config, threads);
    apart([this] { impl_->own = std::make_unique<::caf::actor_system>(impl_->config); });
    impl_->system = impl_->own.get();
  }
  apart([&] {
    for (std::size_t i = 0; i < runners; ++i) {
      impl_->runners.push_back(
          impl_->system->spawn<runner_actor, ::caf::hidden + ::caf::lazy_init>(owner, impl_->runners_gone));
    }
  });
}

actor_host::~actor_host() {
  for (::caf::actor& r : impl_->runners) ::caf::anon_send_exit(r, ::caf::exit_reason::user_shutdown);
  impl_->runners.clear();
  impl_->runners_gone.wait();
}

void* actor_host::system() const { return impl_->system; }

void actor_host::launch(std::unique_ptr<future_cell> cell, std::size_t runner) {
  impl_->runner(runner).give(std::move(cell));
}

void actor_host::launch_on_own_thread(std::unique_ptr<future_cell> cell) {
  const auto spawn = [&] {
    impl_->system->spawn<future_actor, ::caf::detached + ::caf::hidden>(impl_->owner, std::move(cell), false);
  };
  // A worker's thread does not outlive its system.
  current_unit ? spawn() : apart(spawn);
}

}  // namespace banyan::detail
