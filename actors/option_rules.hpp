#pragma once

#include <memory>

#include <banyan/options.hpp>

#include "messages/record.hpp"

namespace banyan::detail {

/// Throw `error` (`invalid_argument`) that names the option and what it takes.
void check_child_options(const options& opts);
void check_root_options(const options& opts);
void check_adopted_options(const options& opts);

/// When a future with these options starts; 0: at once.
millis start_time(const options& opts, millis now);

/// What is recorded of options: without those that have done their work by then.
std::shared_ptr<const options> recorded_options(const options& opts);

}  // namespace banyan::detail
