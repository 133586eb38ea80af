#pragma once

namespace banyan::detail {

/// Thrown through a function whose run cannot go on; see `future_cell::stop_for`. No std::exception, so that it passes
/// by handlers of those.
struct run_stopped {};

}  // namespace banyan::detail
