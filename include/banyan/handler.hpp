#pragma once

#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include <banyan/detail/bound_call.hpp>
#include <banyan/detail/boxed.hpp>
#include <banyan/retry.hpp>

namespace banyan {

class handler;

namespace detail {

/// What a handler waits for. Stored: they never change meaning.
enum class handler_event : unsigned char {
  success = 0,
  failure = 1,
  progress = 2,
  all_children_success = 3,
  all_children_settled = 4,
};

std::string_view to_string(handler_event e);

/// What a `handler` of any type holds.
struct handler_call {
  bound_call call;                        ///< is to be given the future's handle
  const std::type_info* takes = nullptr;  ///< what the future must result in; null: anything
  retry_policy retry;
};

/// Throws `error` (`invalid_argument`) where a handler takes a future of something else than `result`.
void check_handler(const handler_call& h, handler_event e, const std::type_info& result);

template <class F>
handler_call make_handler(const F& f, const retry_policy& retry);  // detail/handler_of.hpp

template <class F>
inline constexpr bool is_handler_like = !std::is_same_v<std::decay_t<F>, handler>;

}  // namespace detail

/// The retry policy of a handler that is given none: until it succeeds, after 1 s, 2 s, 4 s, ... at most a minute.
inline constexpr retry_policy until_success{.max_attempts = 1'000'000, .child_failures = true};

/// A registered function, a fn or a closure that is called with the handle of a future when something becomes of that:
/// all arguments are bound but the last one, a `future<R>` or a `future_handle`.
///
/// The call is a future of its own, below the one that it is about: durable as that is, at least once, retried by its
/// policy (`permanent_failure` ends that). It goes on whatever happens to the future, which is settled only after it,
/// and whose result it does not change, also where it fails; `future_handle::handlers` shows it.
class handler {
 public:
  template <class F>
  requires detail::is_handler_like<F> handler(const F& f,
                                              const retry_policy& retry = until_success)  // NOLINT: implicit
      : call_(detail::make_handler(f, retry)) {}
  explicit handler(detail::handler_call call) : call_(std::move(call)) {}

  const detail::handler_call& call() const { return *call_; }

 private:
  detail::boxed<detail::handler_call> call_;
};

namespace detail {

/// For a future that results in R.
template <class R, class H>
handler handler_for(const H& h);  // detail/handler_of.hpp

}  // namespace detail

/// Handlers for one event, as a member of `options`: `{.on_success = notify}`, or several,
/// `{.on_success = {notify, banyan::bind(count, "done")}}`. Not in the order in which they are given.
/// A progress handler is called at most ten times a second with the future's newest state, not with each one; those
/// calls are not recorded, and what they throw is logged; the last one, once there is a result, is as other handlers'.
class handlers {
 public:
  handlers() = default;
  template <class F>
  requires(!std::is_same_v<std::decay_t<F>, handlers>) handlers(const F& f)  // NOLINT: implicit
      : list_(std::vector<handler>{handler(f)}) {}
  handlers(std::initializer_list<handler> list) : list_(std::vector<handler>(list)) {}
  explicit handlers(std::vector<handler> list) : list_(std::move(list)) {}

  const std::vector<handler>& list() const { return *list_; }
  bool empty() const { return list().empty(); }

 private:
  detail::boxed<std::vector<handler>> list_;
};

}  // namespace banyan
