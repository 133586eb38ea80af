#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <banyan/function.hpp>
#include <banyan/key.hpp>
#include <banyan/options.hpp>

#include "actors/life.hpp"
#include "actors/motion.hpp"
#include "actors/queue_place.hpp"
#include "messages/clock.hpp"
#include "messages/record.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// All that is needed to start a future. A spawned child is no more than this until there is room to run it.
struct ticket {
  /// Of a future that ran before, in this process or in another.
  struct past {
    record found;                   ///< its own record when it was last read
    bool read_again = false;        ///< `found` may be out of date
    bool elsewhere = false;         ///< it ran on other nodes: nothing that it wrote is on its way here
    bool began_here = false;        ///< it has had another actor in this process
    std::uint32_t actors_lost = 0;  ///< how many of those have died under it
    std::uint32_t pauses = 0;       ///< how often in a row it could not read what is recorded of it
    /// The incarnations in which it may run, if nobody has asked them yet.
    std::shared_ptr<const std::vector<incarnation_id>> homes;
  };

  key self;
  life_ptr parent;                           ///< null: a root
  life_ptr own;                              ///< null: is made when it starts
  const function_entry* function = nullptr;  ///< null: this program does not know it
  bytes arguments;
  std::shared_ptr<const options> opts;  ///< null: the defaults
  std::unique_ptr<past> history;        ///< null: it never ran
  std::unique_ptr<std::string> unknown_name;
  std::unique_ptr<predecessor> replaces;
  millis created = 0;
  millis start_at = 0;
  std::uint32_t parent_attempt = 1;
  std::uint32_t version = 1;  ///< of the function, as it is recorded
  motion::token under_way;
  place_ptr place;  ///< in its queue, while it has one

  const options& settings() const {
    static const options defaults;
    return opts ? *opts : defaults;
  }
  function_ref called() const { return {function_name(), version}; }
  std::string_view function_name() const { return function ? std::string_view(function->name) : *unknown_name; }
  int priority() const { return opts && opts->priority ? *opts->priority : parent ? parent->priority : 0; }
  /// By which it is to have its result.
  std::optional<millis> deadline() const {
    if (!settings().timeout) return std::nullopt;
    return later(std::max(created, start_at), *settings().timeout);
  }
  std::uint32_t level() const { return parent ? parent->level + 1 : 0; }
};

using ticket_ptr = std::unique_ptr<ticket>;

/// The ticket for what a record says. `parent` and `of_attempt` as in `ticket`.
ticket_ptr make_ticket(const key& self, life_ptr parent, std::uint32_t of_attempt, spec_record spec);

}  // namespace banyan::detail
