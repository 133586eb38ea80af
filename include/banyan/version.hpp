#pragma once

/// The version of these headers. Versions are compatible where the first two numbers are equal.
#define BANYAN_VERSION_MAJOR 0
#define BANYAN_VERSION_MINOR 1
#define BANYAN_VERSION_PATCH 0

namespace banyan::detail {

/// In the signature of what a library of jobs calls first: one that was built for another version finds no such
/// function, and is not loaded.
template <unsigned Major, unsigned Minor>
struct built_for {};
using built_for_this = built_for<BANYAN_VERSION_MAJOR, BANYAN_VERSION_MINOR>;

}  // namespace banyan::detail
