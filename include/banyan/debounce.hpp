#pragma once

#include <chrono>

#include <banyan/critical_section.hpp>
#include <banyan/detail/label.hpp>

namespace banyan {

/// When a debounced call runs: what is too long for clocks, never. A negative time, or both 0, throws `error`
/// (`invalid_argument`) at `debounce`.
struct debounce_options {
  std::chrono::milliseconds first{0};        ///< from a call to its run, where none ran of late
  std::chrono::milliseconds repeat{10'000};  ///< from the start of one run to that of the next, at least
  detail::label name{};  ///< a string: calls of this name are equal; empty: those of the same function and arguments
};

namespace detail {

/// The options as arguments. Throws as they say.
bytes encode_debounce(const debounce_options& opts);

}  // namespace detail

/// The same call, but all calls that are equal and come before its run starts share that run and its result, over all
/// processes of the store. The run is a root of its own, which no caller's cancellation ends: the first call starts it
/// `first` later; a call that comes after its start has a part in the next one, which starts `repeat` later at the
/// earliest. So after any call there is a run that began after it. Where a name is given the run is that of the call
/// that came first. Of the options of the call that begins it, the run has `retry`, `blocking` and `priority`. An
/// attempt of a caller whose run has failed (`retry_policy::child_failures`) has a part in another run. It is a value
/// like any fn.
template <class F>
auto debounce(const F& f, const debounce_options& opts = {}) {
  return detail::around("banyan.debounce", 3, detail::encode_debounce(opts), banyan::fn(f));
}

}  // namespace banyan
