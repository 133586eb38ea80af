#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <banyan/codec.hpp>
#include <banyan/task.hpp>
#include <banyan/version.hpp>

namespace banyan {

class context;

namespace detail {

/// A started coroutine together with the arguments that its parameters may refer to.
class coroutine_call {
 public:
  virtual ~coroutine_call() = default;
  virtual std::coroutine_handle<> handle() const = 0;
  virtual bool is_pending() const = 0;
  /// Starts it as a part of a coroutine. True if it has suspended: then it resumes `caller` at its end.
  virtual bool start(std::coroutine_handle<> caller) = 0;
  /// The encoded value; throws what the coroutine threw. Only once `handle().done()`.
  virtual bytes finish() = 0;
};

/// What calling a future function gave: a value, nothing yet, or a coroutine that is to be resumed.
struct invocation {
  bool pending = false;
  bytes value;
  std::unique_ptr<coroutine_call> coroutine;
};

using any_function = void (*)();

/// A registered function.
struct function_entry {
  std::string name;
  any_function address = nullptr;
  std::uint32_t version = 1;
  std::size_t arity = 0;  ///< arguments, not counting the context
  /// Decodes the arguments and calls the function. Throws `error` (`bad_payload`) and what the function throws.
  invocation (*invoke)(const function_entry& self, context& ctx, std::string_view arguments) = nullptr;
};

/// Adds a function. A name and version that are taken by another function is remembered as an error that every runtime
/// reports when it is made.
void register_function(function_entry entry, built_for_this version = {});

/// Throws `error` (`unknown_function`) where the function was not registered.
const function_entry& entry_of(any_function address, const char* signature);

template <class R>
struct result_of {
  using type = R;
};
template <class T>
struct result_of<task<T>> {
  using type = T;
};
template <class T>
struct result_of<pending_result<T>> {
  using type = T;
};
template <class R>
using result_of_t = typename result_of<R>::type;

template <class R>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;
template <class R>
inline constexpr bool is_pending_result = false;
template <class T>
inline constexpr bool is_pending_result<pending_result<T>> = true;

/// Reads an array of exactly `count` arguments. Throws `error` (`bad_payload`).
const msgpack::object* parse_arguments(std::string_view data, msgpack::zone& zone, std::size_t count,
                                       std::string_view function);
std::string argument_label(std::size_t index, std::string_view function);

template <class... A, std::size_t... I>
std::tuple<A...> decode_arguments(std::string_view data, std::string_view function, std::index_sequence<I...>) {
  msgpack::zone zone(zone_chunk);
  [[maybe_unused]] const msgpack::object* array = parse_arguments(data, zone, sizeof...(A), function);
  [[maybe_unused]] const auto read = []<class T>(const msgpack::object& o, std::size_t i, std::string_view f, T*) {
    try {
      return o.as<T>();
    } catch (const msgpack::type_error&) {
      throw_type_mismatch(o, typeid(T).name(), argument_label(i, f));
    }
  };
  return std::tuple<A...>{read(array[I], I, function, static_cast<A*>(nullptr))...};
}

template <class P, class A>
void pack_argument(msgpack::packer<bytes_sink>& packer, A&& argument) {
  using T = std::decay_t<P>;
  if constexpr (std::is_same_v<T, std::decay_t<A>>) {
    packer.pack(argument);
  } else {
    packer.pack(static_cast<const T&>(T(std::forward<A>(argument))));
  }
}

template <class... P, class... A>
bytes encode_arguments(A&&... arguments) {
  static_assert(sizeof...(P) == sizeof...(A), "wrong number of arguments for this future function");
  static_assert((std::is_constructible_v<std::decay_t<P>, A&&> && ...),
                "an argument does not convert to the future function's parameter");
  bytes_sink sink;
  msgpack::packer<bytes_sink> packer(sink);
  packer.pack_array(sizeof...(P));
  (pack_argument<P>(packer, std::forward<A>(arguments)), ...);
  return std::move(sink.data);
}

template <class R, bool WithContext, class... P>
struct caller {
  using signature = std::conditional_t<WithContext, R (*)(context&, P...), R (*)(P...)>;
  using arguments = std::tuple<std::decay_t<P>...>;

  static R call(any_function address, context& ctx, arguments& args) {
    const auto f = reinterpret_cast<signature>(address);
    return std::apply(
        [&](auto&... a) -> R {
          if constexpr (WithContext) {
            return f(ctx, static_cast<P&&>(a)...);
          } else {
            return f(static_cast<P&&>(a)...);
          }
        },
        args);
  }

  /// Keeps the arguments beside the coroutine, so that reference parameters stay valid.
  class started : public coroutine_call {
   public:
    started(any_function address, context& ctx, arguments args)
        : args_(std::move(args)), task_(call(address, ctx, args_)) {}
    std::coroutine_handle<> handle() const override { return task_.handle(); }
    bool is_pending() const override { return task_.handle().promise().is_pending(); }
    bool start(std::coroutine_handle<> caller) override {
      return task_.handle().promise().start(task_.handle(), caller);
    }
    bytes finish() override {
      if constexpr (std::is_void_v<result_of_t<R>>) {
        task_.handle().promise().take();
        return encode(unit{});
      } else {
        return encode(task_.handle().promise().take());
      }
    }

   private:
    arguments args_;
    R task_;
  };

  static invocation invoke(const function_entry& self, context& ctx, std::string_view data) {
    auto args = decode_arguments<std::decay_t<P>...>(data, self.name, std::index_sequence_for<P...>{});
    if constexpr (is_task<R>) {
      return {false, {}, std::make_unique<started>(self.address, ctx, std::move(args))};
    } else if constexpr (is_pending_result<R>) {
      const R r = call(self.address, ctx, args);
      return r.value() ? invocation{false, encode(*r.value()), nullptr} : invocation{true, {}, nullptr};
    } else if constexpr (std::is_void_v<R>) {
      call(self.address, ctx, args);
      return {false, encode(unit{}), nullptr};
    } else {
      return {false, encode(call(self.address, ctx, args)), nullptr};
    }
  }
};

template <class R, class... P>
void check_signature() {
  static_assert(!(std::is_same_v<std::remove_cvref_t<P>, context> || ...),
                "a future function takes its context by reference, first and once: `banyan::context&`");
  static_assert(!(std::is_pointer_v<std::decay_t<P>> || ...),
                "a future function takes no pointers: its arguments must survive the process");
  static_assert(!std::is_reference_v<R> && !std::is_pointer_v<R>,
                "a future function returns a value: its result must survive the process");
  static_assert(((!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>)&&...),
                "a future function takes its arguments by value or const reference; `context&` comes first");
}

/// Made by BANYAN_FUNCTION, one a registered function.
class registration {
 public:
  template <class R, class... P>
  registration(std::string_view name, R (*f)(context&, P...), std::uint32_t version = 1) {
    check_signature<R, P...>();
    register_function(
        {std::string(name), reinterpret_cast<any_function>(f), version, sizeof...(P), &caller<R, true, P...>::invoke});
  }
  template <class R, class... P>
  registration(std::string_view name, R (*f)(P...), std::uint32_t version = 1) {
    check_signature<R, P...>();
    register_function(
        {std::string(name), reinterpret_cast<any_function>(f), version, sizeof...(P), &caller<R, false, P...>::invoke});
  }
};

/// A call that is ready to be spawned.
struct prepared_call {
  const function_entry* function;
  bytes arguments;
};

template <class R, class... P, class... A>
prepared_call prepare(R (*f)(context&, P...), A&&... arguments) {
  return {&entry_of(reinterpret_cast<any_function>(f), typeid(R(P...)).name()),
          encode_arguments<P...>(std::forward<A>(arguments)...)};
}

template <class R, class... P, class... A>
prepared_call prepare(R (*f)(P...), A&&... arguments) {
  return {&entry_of(reinterpret_cast<any_function>(f), typeid(R(P...)).name()),
          encode_arguments<P...>(std::forward<A>(arguments)...)};
}

}  // namespace detail
}  // namespace banyan

#define BANYAN_JOIN_2(a, b) a##b
#define BANYAN_JOIN(a, b) BANYAN_JOIN_2(a, b)

/// Registers a function by its name, at namespace scope, after its definition. The name is what records
/// hold: a function may move between files, but a renamed one no longer finds its futures. The same function twice is
/// harmless; a name that another function has in the same version makes every `runtime`'s constructor throw. Any thread
/// may do so at any time, as by loading a library.
#define BANYAN_FUNCTION(f) BANYAN_FUNCTION_AS(f, #f)

/// Registers a function under a name of its own, as for overloads, renamed functions and templates:
/// `BANYAN_FUNCTION_AS(static_cast<int (*)(int)>(f), "f/int")`.
#define BANYAN_FUNCTION_AS(f, name) BANYAN_FUNCTION_VERSION_AS(f, name, 1)

/// Registers a function that has changed in a way that recorded futures would notice: what is spawned from now on runs
/// as `version`, a whole number from 2 on; without it a function is of version 1. What began with an earlier version is
/// given to this function, too, and `ctx.version()` says which it is, so that it can go on as it was; unless the
/// program still has a function of the same name that was registered for that version, or one between. A future of a
/// later version than the program has waits, parked, for a program that has it.
#define BANYAN_FUNCTION_VERSION(f, version) BANYAN_FUNCTION_VERSION_AS(f, #f, version)

/// The same under a name of its own, as for an old version that is kept beside the new one:
/// `BANYAN_FUNCTION_VERSION_AS(order_as_it_was, "order", 1)`.
#define BANYAN_FUNCTION_VERSION_AS(f, name, version)                                                           \
  static_assert((version) > 0, "versions are counted from 1");                                                 \
  [[maybe_unused]] static const ::banyan::detail::registration BANYAN_JOIN(banyan_registration_, __COUNTER__){ \
      name, f, version};
