#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <banyan/queue.hpp>

namespace banyan::detail {

/// Why no queue can be as this one; empty: it can.
std::string problem_of(std::string_view name, const queue_limits& limits);

/// Queues as settings name them: "mail concurrency=2 rate=10 burst=5 key-concurrency=1", what is not limited left out.
std::vector<std::string> write_queues(const queues& all);
/// Throws `error` (`invalid_argument`) that names the queue, and the word that is wrong: one is malformed or out of
/// range, or there twice.
queues read_queues(const std::vector<std::string>& texts);

}  // namespace banyan::detail
