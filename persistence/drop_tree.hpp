#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include <banyan/key.hpp>

#include "messages/record.hpp"
#include "persistence/store.hpp"

/// Forgetting what is settled. The writes go to a callback in batches, to be committed in their order: what is below
/// always goes first, so that after a crash in the middle the rest is still reachable and can be dropped by another
/// call. Of the store they only read; a family's members cost 16 bytes each while it is worked on, depth costs no
/// stack.
namespace banyan::detail {

using write_sink = std::function<void(std::vector<write>&&)>;

/// Forgets all that is below a future, of so many attempts; its own record is not looked at. Returns the number of
/// records. Precondition: it is settled. Throws `error`: what the store throws.
std::size_t drop_below(store& s, const key& k, std::uint32_t attempts, const write_sink& sink);

/// Forgets a whole tree and takes its root off the list. Returns the number of records.
/// Throws `error`: `not_found`, `invalid_argument` unless the list says that it is settled, and what the store throws.
std::size_t drop_root(store& s, const family_id& root, const write_sink& sink);

/// Gives a settled tree and its place in the list a time to live; nothing if it is not listed as settled. `s` expires
/// records.
void expire_root(store& s, const family_id& root, std::chrono::milliseconds after, const write_sink& sink);

/// The roots whose trees settled at `time` or before, by rising family id.
std::vector<family_id> roots_settled_by(store& s, millis time);

/// How long a settled tree is kept of which nobody says anything else.
inline constexpr std::chrono::seconds default_retention = std::chrono::weeks(1);

struct due_root {
  family_id family;
  millis due;  ///< when its retention is over

  bool operator==(const due_root&) const = default;
};

/// The settled roots whose retention is over at `until`, their own or else the one given, by rising family id; but for
/// those that the store expires by itself.
std::vector<due_root> roots_to_forget(store& s, millis until, std::chrono::seconds retention);

/// The same of one root; nothing: it is not settled, or expires.
std::optional<millis> forgotten_at(store& s, const family_id& root, std::chrono::seconds retention);

}  // namespace banyan::detail
