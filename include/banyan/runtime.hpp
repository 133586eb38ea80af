#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <banyan/function.hpp>
#include <banyan/future.hpp>
#include <banyan/options.hpp>
#include <banyan/status.hpp>

namespace banyan {

/// Bounds of what a runtime takes in.
struct limits {
  std::size_t max_payload = 16u << 20;    ///< bytes of one encoded call or result
  std::size_t max_depth = 64;             ///< nesting of arrays and maps in a payload, at most 64
  std::size_t max_in_flight = 64u << 20;  ///< bytes on their way to the store; spawning slows down beyond
  unsigned max_crash_recoveries = 5;      ///< crashes in a row that a future may be running at
  unsigned max_blocking = 256;            ///< threads for functions with `blocking`
};

enum class log_level { debug, info, warning, error };

struct runtime_options {
  std::string store = "memory:";                    ///< `memory:` or `sqlite:PATH[?synchronous=normal|full]`
  std::string name{};                               ///< of this process, for messages; default: the program's name
  unsigned threads = 0;                             ///< that run functions; 0: one a core
  std::string config_file{};                        ///< settings in CAF's configuration syntax; options given here win
  std::optional<std::chrono::seconds> retention{};  ///< how long a settled tree is kept; default a week
  banyan::limits limits{};
  std::function<void(log_level, std::string_view)> log{};  ///< any thread; default: warnings and errors to stderr
};

/// A root as a list shows it.
struct root_info {
  banyan::key key{};
  std::string name{};
  std::string function{};
  banyan::status status = banyan::status::pending;
  banyan::progress progress{};
  std::chrono::system_clock::time_point created{};
  bool settled = false;
};

struct root_filter {
  std::optional<banyan::status> status{};
  std::string name{};      ///< empty: any
  std::string function{};  ///< empty: any
  std::size_t limit = static_cast<std::size_t>(-1);
};

namespace detail {
class engine;
}

/// The engine in a process. Opening it resumes every root in its store that is not settled. Any thread may call it.
class runtime {
 public:
  /// Throws `error`: `bad_url`, `store_busy` (another process drives this store), `store_corrupt`, `store_too_new`,
  /// `store_read_only`, `invalid_argument`.
  explicit runtime(runtime_options opts = {});
  runtime(runtime_options opts, void* actor_system);  ///< see `make_runtime` in banyan/caf.hpp
  ~runtime();                                         ///< shuts down
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Starts a root. On return it is durable: it will run to a result across any number of crashes. A root with an `id`
  /// that exists already is joined, if it is the same call; else throws `error` (`id_conflict`).
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(options{}, detail::prepare(f, std::forward<A>(arguments)...));
  }
  template <class R, class... P, class... A>
  future<detail::result_of_t<R>> spawn(const options& opts, R (*f)(P...), A&&... arguments) {
    return start<detail::result_of_t<R>>(opts, detail::prepare(f, std::forward<A>(arguments)...));
  }

  /// A handle to a future by its key. Throws `error`: `not_found`, `bad_key`.
  template <class R>
  future<R> find(const key& k) {
    return future<R>(find_handle(k));
  }
  template <class R>
  future<R> find(std::string_view key_text) {
    return find<R>(key::parse(key_text));
  }
  future_handle find_handle(const key& k);

  /// The key that a root with this `id` has or would have.
  static key key_of(std::string_view id);

  /// The roots in the store, oldest first (roots with an `id` come in no such order).
  std::vector<root_info> roots(const root_filter& filter = {});

  /// Waits until nothing is left that this runtime could go on with now: what waits for a timer counts as work, what
  /// waits for a result from outside or for a program that knows its function does not.
  void wait_idle();

  /// Forgets a settled tree and all its records. Throws `error`: `not_found`, `invalid_argument` if it is not settled.
  void forget(const key& root);

  /// Forgets the trees that settled longer ago than `age` (default: the retention). Returns how many.
  std::size_t collect_garbage(std::optional<std::chrono::seconds> age = std::nullopt);

  /// Stops in good order: starts nothing more, lets running functions finish (they see `ctx.cancelled()`), makes
  /// everything durable, closes the store. What is unfinished goes on when the store is opened again. Idempotent.
  void shutdown();

  const std::shared_ptr<detail::engine>& engine() const { return engine_; }

 private:
  template <class T>
  future<T> start(const options& opts, detail::prepared_call call) {
    return future<T>(spawn_root(opts, std::move(call)));
  }
  future_handle spawn_root(const options& opts, detail::prepared_call call);

  std::shared_ptr<detail::engine> engine_;
};

}  // namespace banyan
