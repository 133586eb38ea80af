#pragma once

#include <cstddef>
#include <vector>

#include <banyan/options.hpp>

namespace banyan::detail {

struct event_handler {
  handler_event event;
  const handler_call* call;  ///< of the options
};

/// All handlers of a future, in an order that its record keeps: the number of one is its place here.
std::vector<event_handler> handlers_of(const options& opts);
bool has_handlers(const options& opts);
handlers& handlers_for(options& opts, handler_event e);

}  // namespace banyan::detail
