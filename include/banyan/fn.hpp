#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <ranges>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <banyan/codec.hpp>
#include <banyan/detail/bound_call.hpp>
#include <banyan/detail/call_here.hpp>
#include <banyan/function.hpp>
#include <banyan/options.hpp>
#include <banyan/task.hpp>

namespace banyan {

/// A call that is not made yet: a registered function, and the first of its arguments. A value: it is passed as an
/// argument, returned as a result, stored, compared and hashed, in this process or another. `Signature` is `R(A...)`:
/// what it results in, and what it still has to be given; a task's R is that of the task.
///
/// Two are equal that name the same function and hold the same arguments, byte by byte as they are encoded: keep sets
/// and maps in it that have an order.
template <class Signature>
class fn;

namespace detail {

/// Encodes arguments for parameters P, one behind the other.
template <class... P, class... A>
bytes encode_some(A&&... arguments) {
  static_assert((std::is_constructible_v<P, A&&> && ...), "an argument does not convert to the function's parameter");
  bytes_sink sink;
  [[maybe_unused]] msgpack::packer<bytes_sink> packer(sink);
  (pack_argument<P>(packer, std::forward<A>(arguments)), ...);
  return std::move(sink.data);
}

/// fn<R(P...)> without the first N of P.
template <std::size_t N, class Signature>
struct without_first {
  using type = Signature;
};
template <std::size_t N, class R, class First, class... Rest>
requires(N > 0) struct without_first<N, R(First, Rest...)> : without_first<N - 1, R(Rest...)> {
};

/// Encodes as many arguments as there are for the first parameters of a function.
template <class... P, class... A, std::size_t... I>
bytes encode_first(std::index_sequence<I...>, A&&... arguments) {
  return encode_some<std::tuple_element_t<I, std::tuple<P...>>...>(std::forward<A>(arguments)...);
}

/// How a closure is called: through a function that takes it as its first argument.
template <class Closure, class Call = decltype(&Closure::operator())>
struct closure;
template <class Closure, class R, class... P>
struct closure<Closure, R (Closure::*)(context&, P...) const> {
  using signature = result_of_t<R>(std::decay_t<P>...);
  static constexpr bool is_const = true;
  static R call(context& ctx, const Closure& self, P... arguments) { return self(ctx, std::forward<P>(arguments)...); }
};
template <class Closure, class R, class... P>
struct closure<Closure, R (Closure::*)(P...) const> {
  using signature = result_of_t<R>(std::decay_t<P>...);
  static constexpr bool is_const = true;
  static R call(const Closure& self, P... arguments) { return self(std::forward<P>(arguments)...); }
};
/// No closure, but close to one: `check_closure` says what is missing.
template <class Closure, class R, class... P>
struct closure<Closure, R (Closure::*)(context&, P...)> {
  using signature = result_of_t<R>(std::decay_t<P>...);
  static constexpr bool is_const = false;
  static R call(context& ctx, Closure self, P... arguments) { return self(ctx, std::forward<P>(arguments)...); }
};
template <class Closure, class R, class... P>
struct closure<Closure, R (Closure::*)(P...)> {
  using signature = result_of_t<R>(std::decay_t<P>...);
  static constexpr bool is_const = false;
  static R call(Closure self, P... arguments) { return self(std::forward<P>(arguments)...); }
};

template <class T>
inline constexpr bool is_fn = false;
template <class S>
inline constexpr bool is_fn<fn<S>> = true;

/// A struct with one `operator()`. It is a closure where `check_closure` holds.
template <class T>
concept closure_type = std::is_class_v<T> && !is_fn<T> && requires {
  &T::operator();
  typename closure<T>::signature;
};

/// A lambda is no such struct: it cannot be made of its fields.
template <class T>
inline constexpr bool is_lambda = !std::is_default_constructible_v<T> || requires(const T& t) {
  requires std::is_function_v<std::remove_pointer_t<decltype(+t)>>;
};

/// True, or does not compile.
template <class T>
constexpr bool check_closure() {
  static_assert(!is_lambda<T>,
                "a lambda has no name that a record could hold: make it a function and name that with "
                "BANYAN_FUNCTION, or make it a struct with MSGPACK_DEFINE and a default constructor, and name that "
                "with BANYAN_CLOSURE");
  if constexpr (closure_type<T>) {
    static_assert(closure<T>::is_const, "the operator() of a closure is const: what it holds is recorded once");
  } else {
    static_assert(is_lambda<T>,
                  "this is no call: it takes a function that is registered with BANYAN_FUNCTION, a fn, or a closure "
                  "with one operator() const that is registered with BANYAN_CLOSURE; a lambda has no name");
  }
  return true;
}

/// What can be called at best after it was made something else.
template <class T>
struct no_call {};

/// What `spawn` takes beside functions. Other classes are told what they are not.
template <class T>
concept fn_like = is_fn<T> ||(std::is_class_v<T> && !std::is_same_v<T, options>);

}  // namespace detail

template <class R, class... A>
class fn<R(A...)> {
  static_assert((std::is_same_v<A, std::decay_t<A>> && ...), "name the arguments of a fn by value, as in fn<int(int)>");

 public:
  using result_type = R;
  using signature = R(A...);

  fn() = default;  ///< calls nothing: to call or to spawn it throws `error` (`unknown_function`)

  /// Of a registered function with exactly this signature; a context comes first where it wants one. Throws `error`
  /// (`unknown_function`) where it is not registered.
  template <class F, class... P>
  requires(std::is_same_v<detail::result_of_t<F>, R>&& std::is_same_v<std::tuple<std::decay_t<P>...>, std::tuple<A...>>)
      fn(F (*f)(context&, P...))  // NOLINT: implicit, so that a function is passed where a fn is wanted
      : call_{detail::entry_of(reinterpret_cast<detail::any_function>(f), typeid(F(P...)).name()).name, 0, {}} {}
  template <class F, class... P>
  requires(std::is_same_v<detail::result_of_t<F>, R>&& std::is_same_v<std::tuple<std::decay_t<P>...>, std::tuple<A...>>)
      fn(F (*f)(P...))  // NOLINT: as above
      : call_{detail::entry_of(reinterpret_cast<detail::any_function>(f), typeid(F(P...)).name()).name, 0, {}} {}

  /// Of a struct that BANYAN_CLOSURE registered: its fields are the arguments that are held.
  template <detail::closure_type C>
  requires(std::is_same_v<typename detail::closure<C>::signature, R(A...)>) fn(const C& c)  // NOLINT: as above
      : call_{
            detail::entry_of(reinterpret_cast<detail::any_function>(&detail::closure<C>::call), typeid(C).name()).name,
            1, detail::encode_some<C>(c)} {
    static_assert(detail::check_closure<C>());
  }

  explicit fn(detail::bound_call call) : call_(std::move(call)) {}

  /// `co_await f(ctx, arguments...)` calls it here, as a part of the future that runs: what it asks for takes numbers
  /// of that one. A re-run calls it again. Throws what it throws, and `error`: `unknown_function`, `invalid_argument`
  /// where its result is pending.
  task<R> operator()(context& ctx, A... arguments) const {
    return detail::call_here<R>(ctx, call_.entry(),
                                call_.complete(sizeof...(A), detail::encode_some<A...>(std::move(arguments)...)));
  }

  /// Holds these arguments, too. `bind` below is the shorter way.
  template <class... B>
  requires(sizeof...(B) <= sizeof...(A)) auto bound_to(B&&... first) const {
    detail::bound_call more = call_;
    more.count += sizeof...(B);
    more.arguments += detail::encode_first<A...>(std::index_sequence_for<B...>{}, std::forward<B>(first)...);
    return fn<typename detail::without_first<sizeof...(B), R(A...)>::type>(std::move(more));
  }

  /// What `spawn` takes: the function, and all of its arguments.
  template <class... B>
  detail::prepared_call prepare(B&&... arguments) const {
    static_assert(sizeof...(B) == sizeof...(A), "wrong number of arguments for this fn");
    return {&call_.entry(), call_.complete(sizeof...(A), detail::encode_some<A...>(std::forward<B>(arguments)...))};
  }

  const detail::bound_call& call() const { return call_; }

  explicit operator bool() const { return !call_.function.empty(); }
  const std::string& function() const { return call_.function; }  ///< the name under which it is registered
  /// 32 hexadecimal digits: equal for equal ones, on every machine and in every build.
  std::string stable_id() const { return call_.stable_id(); }
  auto operator<=>(const fn&) const = default;

  template <class Packer>
  void msgpack_pack(Packer& p) const {
    detail::pack_call(p, call_);
  }
  void msgpack_unpack(const msgpack::object& o) { call_ = detail::unpack_call(o, sizeof...(A)); }

 private:
  detail::bound_call call_;
};

template <class R, class... P>
fn(R (*)(context&, P...)) -> fn<detail::result_of_t<R>(std::decay_t<P>...)>;
template <class R, class... P>
fn(R (*)(P...)) -> fn<detail::result_of_t<R>(std::decay_t<P>...)>;
template <detail::closure_type C>
fn(C) -> fn<typename detail::closure<C>::signature>;
template <class C>
requires(std::is_class_v<C> && !detail::is_fn<C> && !detail::closure_type<C>) fn(C)
->fn<detail::no_call<C>>;

/// Is never made.
template <class C>
class fn<detail::no_call<C>> {
  static_assert(detail::check_closure<C>());

 public:
  using signature = void();
  explicit fn(const C& /*unused*/) {}
};

/// A call with its first arguments, of a registered function, a closure or a fn: `banyan::bind(add, 2)` is a
/// fn<int(int)>. They are converted to the function's parameters and encoded here. Qualify it: with an argument of the
/// standard library's, an unqualified call finds `std::bind`.
template <class F, class... A>
auto bind(F&& f, A&&... first) {
  return banyan::fn(std::forward<F>(f)).bound_to(std::forward<A>(first)...);
}

namespace detail {

/// `spawner` is a context or a runtime.
template <class Spawner, class S, class Range>
auto map_with(Spawner& spawner, const options& opts, const fn<S>& f, Range&& arguments) {
  if (!opts.id.empty()) throw error(errc::invalid_argument, "map: one id cannot name several futures");
  std::vector<decltype(spawner.spawn(opts, f, *std::ranges::begin(arguments)))> futures;
  for (auto&& a : arguments) futures.push_back(spawner.spawn(opts, f, std::forward<decltype(a)>(a)));
  return futures;
}

}  // namespace detail
}  // namespace banyan

template <class S>
struct std::hash<banyan::fn<S>> {
  std::size_t operator()(const banyan::fn<S>& f) const { return std::hash<std::string>{}(f.stable_id()); }
};

/// Registers a struct with `MSGPACK_DEFINE` and one `operator() const` as a function: a closure whose fields are named
/// captures. Its operator takes and returns what a registered function may. Like BANYAN_FUNCTION, at namespace scope.
#define BANYAN_CLOSURE(type)                              \
  static_assert(::banyan::detail::check_closure<type>()); \
  BANYAN_FUNCTION_AS(&::banyan::detail::closure<type>::call, #type)
