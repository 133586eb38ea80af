#pragma once

#include <chrono>
#include <functional>

#include "persistence/future_view.hpp"
#include "persistence/store.hpp"
#include "tools/signals.hpp"

namespace banyan::tools {

/// Looks at a future again and again until it has a result or a signal comes, and tells `show` each time; returns what
/// it saw last. A big tree is looked at less often than every `interval`, so that looking costs its program little.
/// Throws `error`: `not_found` when its tree is forgotten meanwhile, what its record is damaged by, and the store's.
detail::future_view follow(detail::store& s, const key& k, std::chrono::milliseconds interval,
                           const signal_guard& signals, const std::function<void(const detail::future_view&)>& show);

}  // namespace banyan::tools
