#pragma once

#include <string>
#include <string_view>

#include <banyan/fn.hpp>

namespace banyan {
namespace detail {

/// A call of one of Banyan's own functions that takes a call and its arguments: there is one for each number of them.
template <class R, class... A>
fn<R(A...)> around(std::string_view function, std::size_t count, bytes arguments, const fn<R(A...)>& f) {
  static_assert(sizeof...(A) <= 6, "at most 6 arguments may be left open");
  static_cast<void>(f.call().entry());
  return fn<R(A...)>(bound_call{std::string(function) + "/" + std::to_string(sizeof...(A)), count + 1,
                                std::move(arguments) + encode(f)});
}

/// The name of a section as an argument. Throws `error` (`invalid_argument`): it is empty, or above `max_name`.
bytes encode_section(std::string_view name);

}  // namespace detail

/// The same call, but of all calls in the critical section `name` one at a time over all processes of the store. It
/// waits for its turn, its function runs as a child that has the place, and gives it back when its function has ended:
/// also while it waits for others or for its next attempt it keeps it. Of the options of the call, `retry`, `blocking`
/// and `priority` are those of the child, and nothing is tried again around it; the others, as `timeout` and handlers,
/// are those of the whole, with the time that it waits. A process that is lost loses its place after one and a half
/// times the lease; `ctx.fencing_number()` in the function tells its turn from later ones. A call below one that is in
/// the section fails with `error` (`invalid_argument`) instead of waiting for itself. It is a value like any fn; throws
/// `error`: `unknown_function` where this program does not know the function, `invalid_argument` for no name or one
/// above `max_name`.
template <class F>
auto critical_section(std::string_view name, const F& f) {
  return detail::around("banyan.critical_section", 1, detail::encode_section(name), banyan::fn(f));
}

}  // namespace banyan
