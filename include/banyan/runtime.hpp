#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <banyan/arrivals.hpp>
#include <banyan/detail/handler_of.hpp>
#include <banyan/fn.hpp>
#include <banyan/function.hpp>
#include <banyan/future.hpp>
#include <banyan/options.hpp>
#include <banyan/queue.hpp>
#include <banyan/schedule.hpp>
#include <banyan/status.hpp>

namespace banyan {

/// Bounds of what a runtime takes in. All are at least 1.
struct limits {
  std::size_t max_payload = 16u << 20;    ///< bytes of one encoded argument list, result, step or checkpoint
  std::size_t max_depth = 64;             ///< nesting of arrays and maps in a payload, at most 64
  std::size_t max_in_flight = 16u << 20;  ///< bytes on their way to the store; whoever writes waits beyond
  unsigned max_crash_recoveries = 5;      ///< crashes in a row that a future may be running at
  unsigned max_blocking = 256;            ///< functions with `blocking` that run; one that waits does not count
};

/// What makes a runtime a node of a cluster: it shares a Redis with others, and talks to them over the network.
struct node_options {
  /// `HOST:PORT` to be reached at by other nodes; port 0: any that is free. Empty: the runtime is no node. Without TLS
  /// only an address of this machine (127.0.0.1, ::1, localhost) is taken, unless `insecure`.
  std::string listen{};
  std::string advertise{};                    ///< `HOST:PORT` that others are told; default: where it listens
  std::vector<std::string> roles{};           ///< what it offers, for `placement::role`
  std::chrono::milliseconds lease{5000};      ///< after so long without a sign of life others take over
  std::chrono::milliseconds heartbeat{1000};  ///< how often it looks for the others; at most a third of the lease
  std::chrono::milliseconds grace{30000};     ///< how long running functions may go on when it is to leave
  /// Files in PEM for TLS, all three or none. Both sides of a connection show a certificate, and whoever has one of
  /// `ca` is a node: the name of the host is not looked at.
  std::string certificate{};
  std::string key{};
  std::string ca{};
  bool insecure = false;  ///< listens on any address without TLS: whoever reaches it can run and read everything
};

enum class log_level { debug, info, warning, error };

/// How a runtime is opened. All are optional; use designated initialisers.
struct runtime_options {
  std::string store = "memory:";  ///< `memory:` or `sqlite:PATH[?synchronous=normal|full&busy_timeout=MS]`
  std::string name{};             ///< of this process, for messages; default: the program's name
  unsigned threads = 0;           ///< that run functions; 0: one a core
  std::string config_file{};      ///< path of settings in CAF's configuration syntax; options given here win
  std::optional<std::chrono::seconds> retention{};  ///< how long a settled tree is kept; default a week
  banyan::limits limits{};
  banyan::queues queues{};  ///< by name: in which futures may wait for a place
  node_options node{};
  /// Called on any thread, on several at a time; has to return soon, without throwing. Default: to stderr, warnings and
  /// errors, or what the environment variable BANYAN_LOG says.
  std::function<void(log_level, std::string_view)> log{};
};

/// A root as a list shows it: a copy, as of the time of the call.
struct root_info {
  banyan::key key{};
  std::string name{};  ///< the label that it was given, else the function
  std::string function{};
  banyan::status status = banyan::status::pending;
  banyan::progress progress{};
  std::chrono::system_clock::time_point created{};
  bool settled = false;  ///< nothing is left to do in its tree
};

/// A node as a list shows it: a copy, as of the time of the call.
struct node_info {
  std::string name{};
  std::string address{};  ///< `HOST:PORT` at which other nodes reach it
  std::vector<std::string> roles{};
  std::string version{};  ///< of Banyan
  std::chrono::system_clock::time_point since{};
  std::uint64_t running = 0;                ///< futures whose functions run; as of its last heartbeat
  std::uint64_t pending = 0;                ///< futures that wait for room to run
  std::chrono::milliseconds lease_left{0};  ///< 0: it is gone
  bool alive = false;                       ///< it holds its lease
  bool draining = false;                    ///< it is to leave, and takes no new work
  bool connected = false;                   ///< to the node that was asked; of that itself true
};

/// Which roots a list shows: those that fit all of these.
struct root_filter {
  std::optional<banyan::status> status{};  ///< nothing: any
  std::string name{};                      ///< empty: any
  std::string function{};                  ///< empty: any
  std::size_t limit = static_cast<std::size_t>(-1);
};

namespace detail {
class engine;
class runtime_core;

/// A call that takes no more arguments.
template <class Signature>
struct recurring_call {
  static constexpr bool whole = false;
  using result = void;
};
template <class R>
struct recurring_call<R()> {
  static constexpr bool whole = true;
  using result = R;
};
}  // namespace detail

/// The engine in a process. It owns the store, the threads and the futures that are alive; handles stay values after
/// it, but their calls throw. Any thread may call it, several at a time. A call that reads or writes the store may
/// throw its errors (`store_unavailable`, ...). After `shutdown` it is of no use: `spawn` throws `error` (`stopped`).
class runtime {
 public:
  /// Opens the store to drive it, and resumes every root in it that is not settled: on return they are queued. Throws
  /// `error`: `bad_url`, `store_busy` (another process drives this store), `store_corrupt`, `store_too_new`,
  /// `store_read_only`, `store_full`, `store_unavailable`, `not_found` (no such directory), `invalid_argument` (a
  /// setting, the configuration file, or two functions with one name).
  explicit runtime(runtime_options opts = {});
  runtime(runtime_options opts, void* actor_system);  ///< see `make_runtime` in banyan/caf.hpp
  ~runtime();                                         ///< `shutdown`
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Starts a root; waits for the store and not for the function. On return it is durable: it will run to a result
  /// across any number of crashes. The arguments are converted to the function's parameters and encoded here; nothing
  /// of them is kept. A root with an `id` that exists already is joined, if function and arguments are the same.
  /// Throws `error`: `id_conflict`, `unknown_function`, `too_large`, `bad_payload`, `invalid_argument` (an option), and
  /// `store_unavailable` after 10 s (the root may still come to be).
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(options{}, detail::prepare(f, std::forward<A>(arguments)...));
  }
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(const options& opts, R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(opts, detail::prepare(f, std::forward<A>(arguments)...));
  }

  /// The same with a fn or a closure.
  template <detail::fn_like F, class... A>
  auto spawn(const F& f, A&&... arguments) {
    return spawn(options{}, f, std::forward<A>(arguments)...);
  }
  template <detail::fn_like F, class... A>
  auto spawn(const options& opts, const F& f, A&&... arguments) {
    const banyan::fn call(f);
    return start<typename decltype(call)::result_type>(opts, call.prepare(std::forward<A>(arguments)...));
  }

  /// Starts a root with each element of a range: of a registered function, a fn or a closure that takes one argument.
  /// Each is durable on return, as `spawn` says; a `map` that throws has started some. Takes no `id`.
  template <class F, std::ranges::input_range Range>
  auto map(const F& f, Range&& arguments) {
    return map(options{}, f, std::forward<Range>(arguments));
  }
  template <class F, std::ranges::input_range Range>
  auto map(const options& opts, const F& f, Range&& arguments) {
    return detail::map_with(*this, opts, banyan::fn(f), std::forward<Range>(arguments));
  }

  /// Starts a root that nobody asks after: no handle is kept, and its records go soon after it has settled, also when
  /// it failed. Durable on return, as `spawn` says.
  template <class F, class... A>
  void post(const F& f, A&&... arguments) {
    spawn({.keep = keep::none, .retention = std::chrono::seconds(0)}, banyan::fn(f), std::forward<A>(arguments)...);
  }

  /// Runs a call again and again, at the times of a schedule, each time as a root of its own; for each time there is at
  /// most one, whatever dies in between. `f` is a registered function, a fn or a closure, `arguments` are all of its
  /// arguments; they are encoded here. Durable on return.
  ///
  /// What is returned starts the runs and is no run: cancel it to start no more (what runs goes on). It publishes a
  /// `recurrence`, and results in one when there are no more times. The same id is the same schedule, which is found
  /// again, as it was left, also when it has ended or was cancelled, until it is forgotten.
  ///
  /// Throws `error`: `invalid_argument` (an option), `id_conflict` where the id is taken by another schedule or call,
  /// `unknown_function`, and as `spawn`.
  template <class F, class... A>
  future<recurrence> every(const every_options& opts, const schedule& when, const F& f, A&&... arguments) {
    const auto call = banyan::fn(f).bound_to(std::forward<A>(arguments)...);
    using signature = detail::recurring_call<typename decltype(call)::signature>;
    static_assert(signature::whole, "every takes all arguments of the function");
    detail::check_handlers(opts.run, typeid(typename signature::result));
    return future<recurrence>(begin_recurrence(opts, when, call.call()));
  }

  /// Gives a future one more child, which its function has not spawned: one that waits, runs, or has ended with
  /// `pending`, in this process or in another that shares the store. On return it is durable and the child of `parent`
  /// in all: listed, counted in its progress, cancelled with it; the parent is not settled before it, nor are its
  /// handlers for all children called. Its failure fails a parent whose function has ended with `pending` and has not
  /// asked for it, without another attempt. It belongs to no attempt: a retry of the parent leaves it alone.
  /// With an `id` the same call adopts once, however often it is made.
  ///
  /// Waits for the store, and for a parent that has not begun to run. Throws `error`: `not_found`, `invalid_argument`
  /// (an option; the parent has its result, is no call of a function, or has called its handlers for all children),
  /// `id_conflict`, `timeout` after 10 s in which the parent did not begin and nobody who runs it answered:
  /// then nothing was adopted; `store_unavailable`, after which it may still be; `would_block` inside a future function
  /// that does not block; and as `spawn`.
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> adopt(const key& parent, R (*f)(P...), A&&... arguments) {
    return take_in<detail::result_of_t<R>>(parent, options{}, detail::prepare(f, std::forward<A>(arguments)...));
  }
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> adopt(const key& parent, const options& opts, R (*f)(P...), A&&... arguments) {
    return take_in<detail::result_of_t<R>>(parent, opts, detail::prepare(f, std::forward<A>(arguments)...));
  }
  /// The same with a fn or a closure.
  template <detail::fn_like F, class... A>
  auto adopt(const key& parent, const F& f, A&&... arguments) {
    return adopt(parent, options{}, f, std::forward<A>(arguments)...);
  }
  template <detail::fn_like F, class... A>
  auto adopt(const key& parent, const options& opts, const F& f, A&&... arguments) {
    const banyan::fn call(f);
    return take_in<typename decltype(call)::result_type>(parent, opts, call.prepare(std::forward<A>(arguments)...));
  }

  /// For plain code what `gather`, `wait` and `as_completed` are inside future functions; the calling thread waits.
  /// Nothing is recorded. They throw as `future::get` does. Void futures have nothing to gather: it waits for them.
  template <class R>
  auto gather(const std::vector<future<R>>& futures, errors how = errors::raise) {
    return detail::gather_here(futures, how);
  }
  template <class R>
  wait_result<R> wait(const std::vector<future<R>>& futures, const wait_options& opts = {}) {
    return detail::wait_here(futures, opts);
  }
  template <class R>
  arrivals<R> as_completed(const std::vector<future<R>>& futures) {
    return arrivals<R>(futures);
  }

  /// A handle to any future by its key; reads the store. R is not checked before `get`. Throws `error`: `not_found`,
  /// `bad_key`, `invalid_argument` (the key of a step), `stopped`.
  template <class R>
  future<R> find(const key& k) {
    return future<R>(find_handle(k));
  }
  template <class R>
  future<R> find(std::string_view key_text) {
    return find<R>(key::parse(key_text));
  }
  future_handle find_handle(const key& k);  ///< the same, without a type

  /// The key that a root with this `id` has or would have. Reads nothing and throws nothing.
  static key key_of(std::string_view id);

  /// The roots in the store, oldest first (those with an `id` come in no such order); without those that are not
  /// durable. Status and progress of what is alive are those of now. Throws `error`: `stopped`, and the store's.
  std::vector<root_info> roots(const root_filter& filter = {});

  /// The nodes of the cluster, by name, also those that are gone and were not forgotten; none where the store cannot be
  /// shared. Throws `error`: `stopped`, `store_fenced`, and the store's.
  std::vector<node_info> nodes();

  /// Waits, without limit, until nothing is left that this runtime could go on with: what waits for a timer counts as
  /// work, what waits for a result from outside or is parked does not. Returns at once after `shutdown`. Not inside a
  /// future function, which would wait for itself.
  void wait_idle();

  /// Forgets a settled tree: root, descendants, steps. One that was cancelled is waited for until it is settled, 10 s
  /// at most. Durable on return. Throws `error`: `not_found`, `invalid_argument` (something is left to do in it),
  /// `would_block`, `stopped`.
  void forget(const key& root);

  /// Forgets the trees that settled `age` ago or earlier, as `forget` does; without an age those whose retention is
  /// over, their own or the runtime's. Returns how many. Throws `error` (`invalid_argument`) for a negative age.
  std::size_t collect_garbage(std::optional<std::chrono::seconds> age = std::nullopt);

  /// Stops in good order: starts nothing more, ends suspended functions (their destructors run), waits without limit
  /// for running ones (they see `ctx.cancelled()`), writes for up to 10 s what is not durable yet, closes the store.
  /// What is unfinished goes on when the store is opened again. Idempotent. Not inside a future function, which would
  /// wait for itself.
  void shutdown();

  std::shared_ptr<detail::engine> engine() const;

 private:
  template <class T>
  future<T> start(const options& opts, detail::prepared_call call) {
    detail::check_handlers(opts, typeid(T));
    return future<T>(spawn_root(opts, std::move(call)));
  }
  template <class T>
  future<T> take_in(const key& parent, const options& opts, detail::prepared_call call) {
    detail::check_handlers(opts, typeid(T));
    return future<T>(adopt_child(parent, opts, std::move(call)));
  }
  future_handle spawn_root(const options& opts, detail::prepared_call call);
  future_handle begin_recurrence(const every_options& opts, const schedule& when, const detail::bound_call& call);
  future_handle adopt_child(const key& parent, const options& opts, detail::prepared_call call);

  std::unique_ptr<detail::runtime_core> core_;
};

}  // namespace banyan
