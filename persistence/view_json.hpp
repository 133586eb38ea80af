#pragma once

#include <functional>
#include <string_view>

#include "messages/json_writer.hpp"
#include "persistence/future_view.hpp"

namespace banyan::detail {

/// Takes a piece of a text.
using text_sink = std::function<void(std::string_view)>;

/// Describes a future and what is up to `max_depth` levels below it as one JSON object on one line:
/// key, parent, name, function, level, status, settled, created, started, finished, runtime (seconds), progress (0 to
/// 1), local_progress, calculated_progress, weight, attempts, and where there are such: result, error, parked,
/// failed_attempts, damage, children. Times are UTC in ISO 8601. A damaged record shows as
/// an entry with `damage`, and with that as its `error` if it has no result.
/// The text comes in pieces, so that its size costs no memory. False: there is no such future; nothing was written.
/// Throws as `view_future` does.
bool view_json(view_source& source, const key& k, std::size_t max_depth, millis now, const text_sink& sink);

/// The members of such an object but for `children`.
void write_view(json_writer& out, const future_view& v, millis now);

/// "2026-01-31T12:00:00.000Z".
std::string iso_time(millis t);

}  // namespace banyan::detail
