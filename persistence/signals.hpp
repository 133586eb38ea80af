#pragma once

#include <optional>
#include <string>

#include "messages/record.hpp"
#include "persistence/message_log.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {

/// False where it has a result. Throws `error` (`invalid_argument`) for what is no call of a function.
bool takes_signals(const key& k, const record& found);

/// Records a signal at the next free number of its receiver, whoever else sends meanwhile. Returns where it is.
key append_signal(store& s, const signal_record& signal, const commit_one& commit);

/// The id of a sending that nobody repeats.
std::string random_sending();

/// Where it is kept what a future publishes.
key published_by(const key& k);

/// Sends from a program that does not drive the store. Returns where it is recorded; nothing where the future has a
/// result. Throws `error`: `not_found`, `invalid_argument`, and what the store throws.
std::optional<key> send_from_outside(store& s, const signal_record& signal);

}  // namespace banyan::detail
