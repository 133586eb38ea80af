#pragma once

#include <memory>
#include <string_view>

#include <banyan/options.hpp>
#include <banyan/runtime.hpp>

#include "messages/record.hpp"

namespace banyan::detail {

/// Throw `error` (`invalid_argument`) that names the option and what it takes.
void check_child_options(const options& opts);
void check_root_options(const options& opts);
void check_adopted_options(const options& opts);
/// Of the name that a user gives a root; those of Banyan's own roots are longer.
void check_id(std::string_view id);

/// What handlers hold is bounded as arguments are. Throw `error`: `too_large`, `bad_payload`.
void check_handler_arguments(const options& opts, const limits& allowed);
void check_handler_arguments(const handler_call& h, handler_event e, const limits& allowed);

/// When a future with these options starts; 0: at once.
millis start_time(const options& opts, millis now);

/// What is recorded of options: without those that have done their work by then.
std::shared_ptr<const options> recorded_options(const options& opts);

}  // namespace banyan::detail
