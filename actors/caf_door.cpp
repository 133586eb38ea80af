#include "actors/caf_door.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/sec.hpp>

#include <banyan/caf.hpp>

#include "actors/apart.hpp"
#include "actors/engine.hpp"

namespace banyan {
namespace detail {
namespace {

/// Speaks for a future that has no actor of its own: it is over, queued, or waits for its start time.
class record_speaker final : public ::caf::event_based_actor {
 public:
  record_speaker(::caf::actor_config& cfg, const future_handle& f) : ::caf::event_based_actor(cfg), future_(f) {}

  ::caf::behavior make_behavior() override {
    return {
        [this](get_atom) {
          const auto promise = make_response_promise();
          answer_with_result(*open_engine(future_), future_.key(), promise);
          return promise;
        },
        [this](cancel_atom) { future_.cancel(); },
        [this](status_atom) { return std::string(to_string(future_.status())); },
    };
  }

 private:
  const future_handle future_;
};

}  // namespace

void answer_with_result(engine& e, const key& k, ::caf::response_promise promise) {
  e.watch(k, [promise](const outcome_ptr& result) mutable {
    if (!result) {
      promise.deliver(::caf::make_error(::caf::sec::runtime_error, "the runtime stops, or the future cannot go on"));
    } else if (result->ok()) {
      promise.deliver(result->value);
    } else {
      promise.deliver(::caf::make_error(::caf::sec::runtime_error, std::string(to_string(result->failure->code)),
                                        result->failure->message));
    }
  });
}

}  // namespace detail

::caf::actor actor_of(const future_handle& f) {
  const auto e = detail::open_engine(f);
  if (const detail::strong_actor own = e->live().actor(f.key()); own.get()) {
    return ::caf::actor_cast<::caf::actor>(
        ::caf::strong_actor_ptr(static_cast<::caf::actor_control_block*>(own.get()), true));
  }
  f.status();
  auto* const system = static_cast<::caf::actor_system*>(e->host().system());
  return detail::apart([&] { return ::caf::actor(system->spawn<detail::record_speaker, ::caf::hidden>(f)); });
}

std::unique_ptr<runtime> make_runtime(::caf::actor_system& system, runtime_options opts) {
  return std::make_unique<runtime>(std::move(opts), &system);
}

}  // namespace banyan
