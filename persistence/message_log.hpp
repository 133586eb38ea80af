#pragma once

#include <cstdint>
#include <functional>

#include "persistence/store.hpp"

namespace banyan::detail {

/// Carries out a write and returns what became of it.
using commit_one = std::function<write_outcome(const write&)>;

/// Whether nothing is recorded at a number.
bool is_free(store& s, const key& at);

/// Records a message at the next free number of a family, from `first` on without gaps, whoever else does so meanwhile.
/// Returns where it is.
key append_message(store& s, const family_id& family, std::uint64_t first, const bytes& message,
                   const commit_one& commit);

}  // namespace banyan::detail
