#pragma once

/// Durable hierarchical futures. Everything but `banyan/caf.hpp`.

#include <banyan/arrivals.hpp>
#include <banyan/combinators.hpp>
#include <banyan/completion.hpp>
#include <banyan/composition.hpp>
#include <banyan/context.hpp>
#include <banyan/critical_section.hpp>
#include <banyan/debounce.hpp>
#include <banyan/error.hpp>
#include <banyan/fn.hpp>
#include <banyan/function.hpp>
#include <banyan/future.hpp>
#include <banyan/handler.hpp>
#include <banyan/key.hpp>
#include <banyan/map_reduce.hpp>
#include <banyan/node.hpp>
#include <banyan/options.hpp>
#include <banyan/queue.hpp>
#include <banyan/retry.hpp>
#include <banyan/runtime.hpp>
#include <banyan/schedule.hpp>
#include <banyan/source.hpp>
#include <banyan/sources.hpp>
#include <banyan/status.hpp>
#include <banyan/task.hpp>
#include <banyan/version.hpp>
