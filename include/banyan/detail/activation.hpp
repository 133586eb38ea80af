#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/detail/outcome.hpp>
#include <banyan/key.hpp>
#include <banyan/options.hpp>

namespace banyan::detail {

struct bound_call;
struct function_entry;

/// The kinds of recorded steps. Stored: they never change meaning.
enum class step_kind : std::uint8_t {
  run = 0,
  now = 1,
  random = 2,
  uuid = 3,
  sleep = 4,
  choice = 5,  ///< which of several futures was first
  receive = 6,
  refused = 7,  ///< a call that was refused, with the error
};

/// A number that was taken for a step, and its answer if the record holds one.
struct step_ticket {
  std::uint64_t number = 0;
  step_kind kind = step_kind::run;
  std::string name;
  std::optional<bytes> recorded;
};

inline constexpr auto no_deadline = std::chrono::system_clock::time_point::max();

/// What a suspended function waits for.
struct wait_request {
  enum class what : std::uint8_t {
    all,       ///< all of `keys` have results, or one of them has one that is no success
    any,       ///< one of `keys` has a result
    some,      ///< all of `keys` have results, but for `spare` different ones
    recorded,  ///< all steps so far are durable
    until,     ///< the clock says `deadline`
    signal,    ///< there is a signal called `name`, or the clock says `deadline`
  };
  what kind = what::all;
  std::span<const key> keys{};                                   ///< must live until the function goes on
  std::chrono::system_clock::time_point deadline = no_deadline;  ///< a wait for keys is over then at the latest
  std::size_t spare = 0;
  std::string_view name{};  ///< must live until the function goes on
};

/// What was sent to a future.
struct received_signal {
  std::string id;  ///< of the sending
  bytes value;
};

/// A running future function's link to its future. One per future; used only by the thread that runs the
/// function. What takes a number or waits throws `cancelled` once the future is to stop; the rest does not.
class activation {
 public:
  virtual ~activation() = default;

  virtual key spawn(const function_entry& function, bytes arguments, const options* opts) = 0;
  virtual key make_promise(std::string_view name) = 0;

  /// Takes the next number for a step. Does not return if the record holds something else at this number.
  virtual step_ticket begin_step(step_kind kind, std::string_view name) = 0;
  /// Writes a step's answer; it is durable before anything that is written after it.
  virtual void record_step(const step_ticket& step, bytes answer) = 0;
  /// As `record_step`, and waits until it is durable where the caller cannot suspend.
  virtual void record_step_now(const step_ticket& step, bytes answer) = 0;

  /// True when `request` is met already. If not, `resume_point` is resumed once it is met, or cancelled.
  virtual bool wait(const wait_request& request, std::coroutine_handle<> resume_point) = 0;
  /// Called when a suspended function goes on: throws `cancelled` if that is why.
  virtual void resumed() = 0;
  /// For a wait on `all` that was met by something else than success, and for `any`: which of the keys it was.
  virtual std::optional<std::size_t> first_of() const = 0;
  /// The result of a future that has been waited for; null if it has none yet.
  virtual outcome_ptr result_of(const key& k) = 0;
  /// The function will not ask after a future again that it has waited for, and that is no child of it.
  virtual void forget_future(const key& k) = 0;
  /// Cancels a child. Keys of others are left alone.
  virtual void cancel_child(const key& k) = 0;
  /// The function knows of these that they may fail. To wait for them, or to ask for their results, says so too.
  virtual void heed(std::span<const key> keys) = 0;

  /// The oldest signal of this name that no run has taken; nothing if none has come.
  virtual std::optional<received_signal> take_signal(std::string_view name) = 0;
  /// An earlier run has taken this one.
  virtual void forget_signal(const std::string& id) = 0;
  /// An id for what this function sends next: a re-run that sends the same gives it the same one.
  virtual std::string next_sending(std::string_view name, std::string_view value) = 0;
  /// Around the function of a step, which a re-run may leave out: what it sends is counted apart.
  virtual void enter_step(std::uint64_t number) = 0;
  virtual void leave_step() = 0;
  virtual void publish(bytes state) = 0;

  virtual void set_progress(double local) = 0;
  virtual void set_weight(double weight) = 0;
  virtual bool is_cancelled() const = 0;  ///< throws nothing
  /// The runtime is being shut down: the function is to be left where it is, and goes on with the next one.
  virtual bool is_leaving() const = 0;
  /// For what runs in the place of this future: its retries, its priority, and whether it blocks.
  virtual options handed_down() const = 0;
  /// No failure of this run is retried: what it calls is.
  virtual void leave_retries_to_child() = 0;
  virtual void save_state(bytes state) = 0;
  virtual const bytes& saved_state() = 0;  ///< empty: none
  /// Starts a root with an id, of the newest version of a function, which this program need not know. What was saved is
  /// durable before it is there; `state` is saved before anything comes of it. Waits for the store, as
  /// `runtime::spawn` does.
  virtual void spawn_root(const options& opts, const bound_call& call, bytes state) = 0;

  /// Around a wait that blocks the thread. Throws `error` (`would_block`) where the function may not block.
  virtual void enter_blocking(std::string_view call) = 0;
  virtual void leave_blocking() = 0;

  virtual const key& own_key() const = 0;
  virtual std::uint32_t attempt() const = 0;
  virtual std::uint32_t version() const = 0;
  virtual std::optional<key> parent_key() const = 0;
  virtual std::chrono::system_clock::time_point created_at() const = 0;
  /// When it was to start.
  virtual std::chrono::system_clock::time_point scheduled_at() const = 0;
  virtual std::string_view function_name() const = 0;
  virtual std::uint32_t runtime_id() const = 0;
  virtual std::size_t max_payload() const = 0;
  virtual std::size_t max_depth() const = 0;  ///< of a payload's nesting
  /// Of the place in a queue that it has now.
  virtual std::optional<std::uint64_t> place_number() const = 0;
  virtual void log(std::string_view message) = 0;
  /// The time, not recorded.
  virtual std::chrono::system_clock::time_point clock_now() const = 0;
};

/// The activation whose function runs on this thread now; null outside of future functions.
activation* current_activation() noexcept;
/// The same; throws `error` (`invalid_argument`) outside of future functions. `call` says what was tried.
activation& require_activation(std::string_view call);

/// Makes an activation the current one for a scope.
class activation_scope {
 public:
  explicit activation_scope(activation* a) noexcept;
  ~activation_scope();
  activation_scope(const activation_scope&) = delete;
  activation_scope& operator=(const activation_scope&) = delete;

 private:
  activation* previous_;
};

/// Suspends the running function until a request is met.
class wait_awaiter {
 public:
  explicit wait_awaiter(wait_request request) : activation_(require_activation("co_await")), request_(request) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> h) { return !activation_.wait(request_, h); }
  void await_resume() { activation_.resumed(); }

 private:
  activation& activation_;
  wait_request request_;
};

}  // namespace banyan::detail
