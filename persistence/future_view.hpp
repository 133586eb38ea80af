#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <banyan/error.hpp>
#include <banyan/key.hpp>
#include <banyan/status.hpp>

#include "messages/record.hpp"
#include "persistence/view_source.hpp"

namespace banyan::detail {

/// What is known of one future, for people and programs that look on.
struct future_view {
  banyan::key key;
  std::optional<banyan::key> parent;
  std::uint32_t level = 0;

  bool promise = false;
  std::string function;  ///< a promise's own name
  std::uint32_t version = 1;
  std::string name;  ///< the label that it was given, else `function`
  bytes arguments;
  millis created = 0;
  millis start_at = 0;
  std::string queue;  ///< in which it waits, or has its place; empty: none
  std::string queue_key;
  std::optional<int> priority;

  banyan::status status = banyan::status::pending;
  bool settled = false;
  std::optional<bool> rests;  ///< of what is alive with a result: nothing of it runs but the calls of its handlers
  std::string parked;         ///< why it cannot go on; empty: it can
  millis started = 0;
  millis finished = 0;
  bytes value;         ///< of a success
  error_info failure;  ///< of a failure or a cancellation
  banyan::progress progress;

  std::uint32_t attempt = 1;  ///< the newest
  std::vector<error_info> failed_attempts;

  std::size_t handler_count = 0;      ///< how many it has
  std::vector<future_view> handlers;  ///< their calls, where somebody has looked for them

  std::optional<error_info> damage;  ///< what could not be read of its record; the fields that it hits have defaults
};

/// Where a future stands that is read together with its siblings.
struct future_place {
  std::optional<key> parent;
  std::uint32_t level = 0;
};

/// Reads one record; nothing for a step. Damage in it ends up in the view. A result decides the status, else the gauge
/// does; a success is done by its whole weight, whatever the gauge lags behind.
std::optional<future_view> read_view(const key& k, const future_place& place, record&& r);

/// The view of a future; nothing if there is no record of it. Throws `error`: `invalid_argument` for a step's key, and
/// what the source throws.
std::optional<future_view> view_future(view_source& source, const key& k);

/// Visits the children that a future has in its newest attempt, in their order, and then what it has adopted. `visit`
/// calls neither the source nor the store.
void for_each_child(view_source& source, const future_view& parent, const std::function<void(future_view&&)>& visit);

/// The same of the calls of its handlers.
void for_each_handler(view_source& source, const future_view& parent, const std::function<void(future_view&&)>& visit);

/// The keys of the same children.
std::vector<key> child_keys(view_source& source, const future_view& parent);

/// How long it ran, or has been running up to `now`; nothing if it did not start.
std::optional<millis> runtime_of(const future_view& v, millis now);

}  // namespace banyan::detail
