#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <banyan/options.hpp>
#include <banyan/status.hpp>

#include "messages/record.hpp"
#include "persistence/store.hpp"
#include "tools/output.hpp"

namespace banyan::tools {

/// What was asked for on the command line. A field that the command has no use for keeps its default.
struct request {
  enum class command { ls, show, tree, watch, result, cancel, set, fail, send, gc, submit, retry, fork, nodes, drain };

  command what = command::ls;
  std::string store;
  std::string key;     ///< as it was written
  std::string value;   ///< of `set` and `send`: JSON; of `fail`: a message
  std::string signal;  ///< of `send`: its name
  std::optional<banyan::status> status;
  bool json = false;
  std::size_t depth = std::numeric_limits<std::size_t>::max();
  std::optional<detail::millis> older_than;
  std::string function;                ///< of `submit`, as are the next three
  std::vector<std::string> arguments;  ///< JSON
  banyan::options options{};           ///< of a root
  bool wait = false;
  std::string from;   ///< of `fork`: a key
  std::string node;   ///< of `drain`
  bool undo = false;  ///< of `drain`
};

/// Exit codes. Whoever is stopped by a signal gives 128 plus its number, as shells do.
inline constexpr int exit_success = 0;
inline constexpr int exit_failure = 1;    ///< of `watch`, `result` and `submit --wait`: the future failed
inline constexpr int exit_cancelled = 2;  ///< of the same: the future was cancelled
inline constexpr int exit_error = 3;      ///< the program could not do what it was asked for
inline constexpr int exit_by_signal = 128;

/// The commands. They return an exit code and throw `error`.
int list_roots(detail::store& s, const request& r, output& out);
int show_future(detail::store& s, const request& r, output& out);
int show_tree(detail::store& s, const request& r, output& out);
int watch_future(detail::store& s, const request& r, output& out);
int print_result(detail::store& s, const request& r, output& out);
int cancel_future(detail::store& s, const request& r, output& out);
int set_value(detail::store& s, const request& r, output& out);
int set_failure(detail::store& s, const request& r, output& out);
int send_signal(detail::store& s, const request& r, output& out);
int collect_garbage(detail::store& s, const request& r, output& out);
int submit_call(detail::store& s, const request& r, output& out);
int retry_root(detail::store& s, const request& r, output& out);
int fork_root(detail::store& s, const request& r, output& out);
int list_cluster(detail::store& s, const request& r, output& out);
int drain_node(detail::store& s, const request& r, output& out);

}  // namespace banyan::tools
