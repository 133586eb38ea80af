#pragma once

#include <banyan/detail/bound_call.hpp>
#include <banyan/key.hpp>
#include <banyan/schedule.hpp>

namespace banyan::detail {

class engine;

/// Starts the future that starts the runs of a schedule, or finds it. Durable on return. Throws as `runtime::every`.
key begin_recurrence(engine& e, const every_options& opts, const schedule& when, const bound_call& call);

}  // namespace banyan::detail
