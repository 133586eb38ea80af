#include "messages/handlers.hpp"

namespace banyan::detail {
namespace {

constexpr handler_event events[] = {handler_event::success, handler_event::failure, handler_event::progress,
                                    handler_event::all_children_success, handler_event::all_children_settled};

template <class Options>
auto& list_for(Options& opts, handler_event e) {
  switch (e) {
    case handler_event::success: return opts.on_success;
    case handler_event::failure: return opts.on_failure;
    case handler_event::progress: return opts.on_progress;
    case handler_event::all_children_success: return opts.on_all_children_success;
    case handler_event::all_children_settled: break;
  }
  return opts.on_all_children_settled;
}

}  // namespace

std::string_view to_string(handler_event e) {
  switch (e) {
    case handler_event::success: return "on_success";
    case handler_event::failure: return "on_failure";
    case handler_event::progress: return "on_progress";
    case handler_event::all_children_success: return "on_all_children_success";
    case handler_event::all_children_settled: return "on_all_children_settled";
  }
  return "unknown handler";
}

std::vector<event_handler> handlers_of(const options& opts) {
  std::vector<event_handler> all;
  for (const handler_event e : events) {
    for (const handler& h : list_for(opts, e).list()) all.push_back({e, &h.call()});
  }
  return all;
}

bool has_handlers(const options& opts) {
  for (const handler_event e : events) {
    if (!list_for(opts, e).empty()) return true;
  }
  return false;
}

handlers& handlers_for(options& opts, handler_event e) { return list_for(opts, e); }

}  // namespace banyan::detail
