#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/detail/activation.hpp>
#include <banyan/error.hpp>
#include <banyan/key.hpp>
#include <banyan/status.hpp>

namespace banyan {

/// A future without its type: what can be asked of any. A small value: copy it freely, use it from any thread.
/// It names a future and keeps nothing alive; after its runtime was shut down all calls throw `error` (`stopped`).
/// A call that reads the store may throw its errors (`store_unavailable`, ...).
class future_handle {
 public:
  future_handle() = default;  ///< names nothing
  future_handle(const banyan::key& k, std::uint32_t runtime_id) : key_(k), runtime_(runtime_id) {}

  bool valid() const { return runtime_ != 0; }
  const banyan::key& key() const { return key_; }

  std::uint32_t runtime_id() const { return runtime_; }

  /// True when it has a result.
  bool ready() const { return is_final(status()); }
  banyan::status status() const;
  banyan::progress progress() const;

  /// Waits for a result, at most `d`. Not on the runtime's own threads, but for functions with `blocking`: elsewhere
  /// throws `error` (`would_block`). Throws `error` (`nondeterminism`) when it is stopped for that reason.
  bool wait_for(std::chrono::milliseconds d) const;

  /// Cancels it and all below it that has no result yet, also what is on no thread and in no memory now. On return
  /// the cancellation is durable and nothing below it starts any more; what is running sees `ctx.cancelled()` and stops
  /// at its next `co_await`. True: it was cancelled; false: it had a result before.
  bool cancel() const;

  /// Gives it a failure from outside. True: this is its result now, durably; false: it had one before.
  bool set_error(const std::string& message) const;

  /// Its children, in the order in which they were spawned, in its newest attempt.
  std::vector<future_handle> children() const;

  /// Describes it and its descendants down to `max_depth` levels as JSON: key, name, function, status, level, times,
  /// runtime, result or error, progress, weight, attempts, children.
  std::string to_json(std::size_t max_depth = 1) const;

  bool operator==(const future_handle& other) const { return key_ == other.key_; }
  std::strong_ordering operator<=>(const future_handle& other) const { return key_ <=> other.key_; }

 protected:
  detail::outcome_ptr wait_outcome(std::optional<std::chrono::milliseconds> limit) const;
  bool set_encoded_value(bytes value) const;

  banyan::key key_;
  std::uint32_t runtime_ = 0;
};

/// A durable call of a future function that returns R. It travels as an argument, a result or a stored value.
template <class R>
class future : public future_handle {
 public:
  using value_type = R;
  using future_handle::future_handle;
  explicit future(const future_handle& h) : future_handle(h) {}

  /// Waits for the result. Throws `failure`, `timeout` or `cancelled` where it is no success, and as `wait_for` does.
  R get() const { return read(*wait_outcome(std::nullopt)); }

  /// The same, but waits at most `d`; then throws `timeout`.
  R get_for(std::chrono::milliseconds d) const { return read(*wait_outcome(d)); }

  /// Gives it its result from outside, as for promises and pending functions. True: this is its result now, durably;
  /// false: it had one before.
  template <class T = R>
  requires(!std::is_void_v<T>) bool set_value(const T& value) const { return set_encoded_value(detail::encode(value)); }
  bool set_value() const requires std::is_void_v<R> { return set_encoded_value(detail::encode(detail::unit{})); }

  /// Inside a future function: suspends it until the result is there; no thread waits.
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
        return !act.wait({detail::wait_request::what::any, {&wanted, 1}, {}}, h);
      }
      R await_resume() {
        act.resumed();
        if (!ready) ready = act.result_of(wanted);
        return read(*ready);
      }
    };
    return awaiter{key_, detail::require_activation("co_await"), nullptr};
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

  template <class R>
  struct convert<banyan::future<R>> {
    const msgpack::object& operator()(const msgpack::object& o, banyan::future<R>& f) const {
      f = banyan::future<R>(o.as<banyan::key>(), banyan::detail::decoding_runtime());
      return o;
    }
  };

  template <class R>
  struct pack<banyan::future<R>> {
    template <class Stream>
    msgpack::packer<Stream>& operator()(msgpack::packer<Stream>& p, const banyan::future<R>& f) const {
      return p.pack(f.key());
    }
  };

  }  // namespace adaptor
}
}  // namespace msgpack
