#include "actors/caf_scheduler.hpp"

#include <utility>

#include <caf/actor_system.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/logger.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/thread_hook.hpp>

namespace banyan::detail {
namespace {

/// CAF's clock, but for what each actor asks of it at its end: to wake the clock's thread so that it looks for
/// timeouts of this actor. A timeout of an actor that is gone reaches nobody anyway.
class quiet_clock final : public ::caf::detail::thread_safe_actor_clock {
 public:
  explicit quiet_clock(::caf::actor_clock& real) : real_(real) {}

  void set_ordinary_timeout(time_point t, ::caf::abstract_actor* self, ::caf::atom_value type,
                            std::uint64_t id) override {
    real_.set_ordinary_timeout(t, self, type, id);
  }
  void set_request_timeout(time_point t, ::caf::abstract_actor* self, ::caf::message_id id) override {
    real_.set_request_timeout(t, self, id);
  }
  void set_multi_timeout(time_point t, ::caf::abstract_actor* self, ::caf::atom_value type, std::uint64_t id) override {
    real_.set_multi_timeout(t, self, type, id);
  }
  void cancel_ordinary_timeout(::caf::abstract_actor* self, ::caf::atom_value type) override {
    real_.cancel_ordinary_timeout(self, type);
  }
  void cancel_request_timeout(::caf::abstract_actor* self, ::caf::message_id id) override {
    real_.cancel_request_timeout(self, id);
  }
  void cancel_timeouts(::caf::abstract_actor*) override {}
  void schedule_message(time_point t, ::caf::strong_actor_ptr receiver, ::caf::mailbox_element_ptr content) override {
    real_.schedule_message(t, std::move(receiver), std::move(content));
  }
  void schedule_message(time_point t, ::caf::group target, ::caf::strong_actor_ptr sender,
                        ::caf::message content) override {
    real_.schedule_message(t, std::move(target), std::move(sender), std::move(content));
  }
  void cancel_all() override { real_.cancel_all(); }

 private:
  ::caf::actor_clock& real_;
};

/// Work stealing walks the ready queue at each steal, which takes for ever when a whole tree wakes up at once.
class sharing_scheduler final : public ::caf::scheduler::coordinator<::caf::policy::work_sharing> {
 public:
  using base = ::caf::scheduler::coordinator<::caf::policy::work_sharing>;

  explicit sharing_scheduler(::caf::actor_system& system) : base(system), clock_(base::clock()) {}
  ::caf::detail::thread_safe_actor_clock& clock() noexcept override { return clock_; }

 private:
  quiet_clock clock_;
};

#if CAF_LOG_LEVEL <= CAF_LOG_LEVEL_QUIET
/// A CAF that was built to log nothing notes all the same which actor runs on which thread, under a lock of all.
class no_log final : public ::caf::thread_hook {
 public:
  void init(::caf::actor_system&) override {}
  void thread_started() override { ::caf::logger::set_current_actor_system(nullptr); }
  void thread_terminates() override {}
};
#endif

}  // namespace

void use_our_scheduler(::caf::actor_system_config& config, unsigned threads) {
  config.set("scheduler.max-threads", static_cast<std::size_t>(threads));
  config.module_factories.emplace_back(
      [](::caf::actor_system& system) -> ::caf::actor_system::module* { return new sharing_scheduler(system); });
#if CAF_LOG_LEVEL <= CAF_LOG_LEVEL_QUIET
  config.add_thread_hook<no_log>();
#endif
}

}  // namespace banyan::detail
