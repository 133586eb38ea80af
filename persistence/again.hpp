#pragma once

#include <optional>

#include <banyan/key.hpp>

#include "messages/record.hpp"
#include "persistence/view_source.hpp"

namespace banyan::detail {

/// Whether something still runs in the tree of a root that failed or was cancelled, but for the calls of its own
/// handlers; false of all others. Throws as the source does, and `not_found`.
bool runs_below(view_source& source, const key& root);

/// The call of a root that takes over what another root, which ended without success, has finished. Throws `error`:
/// `not_found`, `invalid_argument` where it is no root, has no result yet, has succeeded, or `runs_below`, and what the
/// source throws.
spec_record retry_of(view_source& source, const key& root);

/// The call of a root that takes over what another root has finished before it came to `child`, which is below it, and
/// runs on its own from there. Throws `error`: `not_found`, `invalid_argument`, and what the source throws.
spec_record fork_of(view_source& source, const key& root, const key& child);

}  // namespace banyan::detail
