#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/detail/activation.hpp>
#include <banyan/error.hpp>
#include <banyan/handler.hpp>
#include <banyan/key.hpp>
#include <banyan/status.hpp>

namespace banyan {

/// A future without its type: what can be asked of any. A small value: copy it freely, use it from any thread.
/// It names a future, owns nothing and keeps nothing alive.
///
/// All calls but those for `valid` and the key throw `error`: `invalid_argument` where it names nothing, `stopped`
/// after its runtime was shut down, `not_found` where its record was forgotten, and what the store throws.
class future_handle {
 public:
  future_handle() = default;  ///< names nothing
  future_handle(const banyan::key& k, std::uint32_t runtime_id) : key_(k), runtime_(runtime_id) {}

  bool valid() const { return runtime_ != 0; }  ///< it names a future of a runtime, which may be shut down by now
  const banyan::key& key() const { return key_; }

  std::uint32_t runtime_id() const { return runtime_; }

  /// True when it has a result, which is durable then. These three read the store and wait for no result.
  bool ready() const { return is_final(status()); }
  banyan::status status() const;
  banyan::progress progress() const;

  /// Waits for a result, at most `d`. True: there is one, durably. Inside a future function without `blocking` it does
  /// not wait: for its own children, and where there is none yet, it throws `error` (`would_block`). With `blocking` it
  /// throws `cancelled` when that function is to stop.
  /// Throws `error` with the reason when this future, or one below it, is parked (`nondeterminism`, `corrupt_record`,
  /// ...), but waits where the reason is `unknown_function`.
  bool wait_for(std::chrono::milliseconds d) const;

  /// Cancels it and all below it that has no result yet, also what is on no thread and in no memory now, but for
  /// detached futures. On return the cancellation is durable and nothing below it starts any more; what is running
  /// sees `ctx.cancelled()` and stops at its next `co_await`. True: it was cancelled; false: it had a result, which
  /// stays, and what is open below it is cancelled. Waits for the store; after 10 s throws `error`
  /// (`store_unavailable`), and the cancellation may still be recorded.
  bool cancel() const;

  /// Gives it a failure (`failed`) from outside. True: this is its result now, durably; false: it had one before.
  /// Waits and throws as `cancel` does; also throws `error` (`too_large`).
  bool set_error(const std::string& message) const;

  /// Sends a value to its function, which takes it by `ctx.receive(name)`. Durable on return: it waits there, also
  /// while the function does not run, for as long as the function has not received it. True: it is recorded; false: the
  /// future has a result, so that nobody would receive it. Sent by a future function, it is sent once, however often
  /// that function is run again. Waits for the store; throws `error`: `not_found`, `invalid_argument` (a promise, a
  /// step, no name or one above `max_name`), `too_large`, `bad_payload`, and after 10 s `store_unavailable`: it may
  /// still be recorded.
  template <class V>
  bool send(std::string_view name, const V& value) const {
    return send_encoded(name, detail::encode(value));
  }

  /// What its function has published last (`ctx.publish`), durably; nothing if it has not. It stays after the result,
  /// for as long as the records below the future do (`options::keep`). Reads the store. Throws `error` (`bad_payload`)
  /// where it is no S.
  template <class S>
  std::optional<S> published() const {
    const std::optional<bytes> state = published_state();
    if (!state) return std::nullopt;
    return detail::decode<S>(*state, "what was published");
  }

  /// Its children and promises of its newest attempt, in the order in which they were spawned, then what it has
  /// adopted. This and `to_json` wait until what was written before is durable.
  std::vector<future_handle> children() const;

  /// Of a root that failed or was cancelled: starts another root with the same call, which takes over all that had
  /// succeeded in this one's tree and runs again the rest, from the leaves that failed. This one stays as it is.
  /// Waits, up to 10 s, until nothing below it runs any more but the calls of its own handlers, which may do this, too.
  /// Durable on return. Throws `error`: `invalid_argument` where it is no root, has no result, has succeeded, or
  /// something below it still runs then; `would_block` where it would wait inside a future function without `blocking`.
  future_handle retry() const;
  /// The same, whatever became of it, but only with what its function had done before it spawned `child`, which may be
  /// anywhere below; from there on it runs anew.
  future_handle fork(const banyan::key& child) const;

  /// The calls of the handlers that its `options` hold, as far as they were made.
  std::vector<future_handle> handlers() const;

  /// Describes it and its descendants down to `max_depth` levels (0: itself alone) as one JSON object on one line: key,
  /// name, function, status, level, times, runtime, result or error, progress, weight, attempts, handlers, children.
  std::string to_json(std::size_t max_depth = 1) const;

  bool operator==(const future_handle& other) const { return key_ == other.key_; }
  std::strong_ordering operator<=>(const future_handle& other) const { return key_ <=> other.key_; }

 protected:
  void add_handler(detail::handler_event e, const detail::handler_call& h, const std::type_info& result) const;
  detail::outcome_ptr wait_outcome(std::optional<std::chrono::milliseconds> limit) const;
  bool set_encoded_value(bytes value) const;
  bool send_encoded(std::string_view name, bytes value) const;
  std::optional<bytes> published_state() const;

  banyan::key key_;
  std::uint32_t runtime_ = 0;
};

namespace detail {

/// The key of a handle, which may be of another runtime. Throws `error` (`invalid_argument`) where it has none.
inline const key& named_key(const future_handle& f) {
  if (f.key() == key{}) throw error(errc::invalid_argument, "this handle names no future");
  return f.key();
}

}  // namespace detail

/// A durable call of a future function that returns R. It travels as an argument, a result or a stored value, as its
/// key. One that was decoded outside of a future function names nothing: `runtime::find` its key.
template <class R>
class future : public future_handle {
 public:
  using value_type = R;
  using future_handle::future_handle;
  explicit future(const future_handle& h) : future_handle(h) {}

  /// Waits without limit for the result, and decodes a copy of it. Throws `failure`, `timeout` or `cancelled` where it
  /// is no success, `error` (`bad_payload`) where it is no R, and as `wait_for` does.
  R get() const { return read(*wait_outcome(std::nullopt)); }

  /// The same, but waits at most `d`; then throws a `timeout` without an origin.
  R get_for(std::chrono::milliseconds d) const { return read(*wait_outcome(d)); }

  /// Gives it its result from outside, as for promises and pending functions. True: this is its result now, durably;
  /// false: it had one before. Waits and throws as `cancel` does; also throws `error`: `too_large`, `bad_payload`.
  template <class T = R>
  requires(!std::is_void_v<T>) bool set_value(const T& value) const { return set_encoded_value(detail::encode(value)); }
  bool set_value() const requires std::is_void_v<R> { return set_encoded_value(detail::encode(detail::unit{})); }

  future retry() const { return future(future_handle::retry()); }
  future fork(const banyan::key& child) const { return future(future_handle::fork(child)); }

  /// Adds a handler, also after the result: `h` is called once there is a result of this kind, whatever happens to this
  /// process. Durable on return. It is a root of its own, beside the tree of this future, and listed until its
  /// retention is over; the same handler twice is one. Any future function that this program knows, typed for R. Throws
  /// `error`: `not_found`, and as `runtime::spawn` does.
  template <class H>
  void on_success(const H& h) const {
    add_handler(detail::handler_event::success, detail::handler_for<R>(h).call(), typeid(R));
  }
  template <class H>
  void on_failure(const H& h) const {
    add_handler(detail::handler_event::failure, detail::handler_for<R>(h).call(), typeid(R));
  }
  template <class H>
  void on_progress(const H& h) const {
    add_handler(detail::handler_event::progress, detail::handler_for<R>(h).call(), typeid(R));
  }

  /// Inside a coroutine that is a future function: suspends it until the result is there and durable; no thread waits.
  /// Gives and throws what `get` does, but waits for what is parked; throws `cancelled` also when the function itself
  /// is to stop, and `error` (`invalid_argument`) elsewhere.
  auto operator co_await() const {
    struct awaiter {
      banyan::key wanted;
      detail::activation& act;
      detail::outcome_ptr ready;

      bool await_ready() {
        ready = act.result_of(wanted);
        return ready != nullptr;
      }
      bool await_suspend(std::coroutine_handle<> h) {
        return !act.wait({detail::wait_request::what::any, {&wanted, 1}}, h);
      }
      R await_resume() {
        act.resumed();
        if (!ready) ready = act.result_of(wanted);
        return read(*ready);
      }
    };
    return awaiter{detail::named_key(*this), detail::require_activation("co_await"), nullptr};
  }

  static R read(const detail::outcome& o) { return detail::decode<R>(detail::value_or_throw(o), "the result"); }
};

}  // namespace banyan

template <>
struct std::hash<banyan::future_handle> {
  std::size_t operator()(const banyan::future_handle& f) const noexcept { return std::hash<banyan::key>{}(f.key()); }
};
template <class R>
struct std::hash<banyan::future<R>> {
  std::size_t operator()(const banyan::future<R>& f) const noexcept { return std::hash<banyan::key>{}(f.key()); }
};

namespace banyan::detail {
/// The runtime to which a future belongs that is decoded on this thread: that of the function which runs here, or 0.
std::uint32_t decoding_runtime() noexcept;
}  // namespace banyan::detail

namespace msgpack {
MSGPACK_API_VERSION_NAMESPACE(MSGPACK_DEFAULT_API_NS) {
  namespace adaptor {

  template <class F>
  struct convert<F, std::enable_if_t<std::is_base_of_v<banyan::future_handle, F>>> {
    const msgpack::object& operator()(const msgpack::object& o, F& f) const {
      f = F(o.as<banyan::key>(), banyan::detail::decoding_runtime());
      return o;
    }
  };

  template <class F>
  struct pack<F, std::enable_if_t<std::is_base_of_v<banyan::future_handle, F>>> {
    template <class Stream>
    msgpack::packer<Stream>& operator()(msgpack::packer<Stream>& p, const F& f) const {
      return p.pack(f.key());
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack
