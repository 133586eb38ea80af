#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "persistence/redis_connection.hpp"

namespace banyan::detail {

/// What a Redis server does for us in one step. Each touches keys of one slot only.
enum class redis_script : std::uint8_t {
  /// KEYS: a family. ARGV: field, value, ... Writes those fields that are not there, in one HSET. Returns the
  /// positions, from 1, of those that are, each followed by its value.
  put_new,
  /// KEYS: created, drivers, the driver's set, settled, expires. ARGV: root, time, the driver's name. Returns its name
  /// who drives the root.
  add_root,
  /// KEYS: created, settled, drivers, the driver's set, expires. ARGV: root, time, the driver's name, the beginning of
  /// the names of drivers' sets. Takes a root from who has listed it, but has not written it.
  claim_root,
  /// KEYS: settled, drivers, the driver's set. ARGV: root, time, the driver's name. Nothing unless that is who
  /// drives the root.
  settle_root,
  /// KEYS: created, settled, drivers, expires. ARGV: root, our name, the beginning of the names of drivers' sets.
  /// Nothing if another drives the root.
  drop_root,
  /// KEYS: created, settled, expires. ARGV: root, in how many ms it is to be forgotten. Takes off some whose time has
  /// come.
  expire_root,
  /// KEYS: notices. ARGV: a future's key, ms. Leaves a notice, and a hint to who subscribes to the channel of that
  /// name. With ms other than 0 all there are last for so long from now on.
  leave_notice,
  /// KEYS: notices, taken. Returns all that is to be taken.
  take_notices,
  /// KEYS: a lease. ARGV: our value, ms. Renews it if it is ours; returns whose it is, or nil.
  renew_lease,
  /// KEYS: a lease. ARGV: the value that it must have. Ends it.
  end_lease,
  /// KEYS: a family. ARGV: the text of an incarnation. Adds it to the family's homes.
  add_home,
  /// KEYS: nodes, its lease. ARGV: name, its incarnation's text, what it says of itself, its lease's value. Returns 0
  /// if
  /// the lease is not its own.
  announce,
  /// KEYS: nodes, its set. ARGV: name, its incarnation's text. Takes it off if it is of this incarnation. Returns 0 if
  /// it drives something, and 1 else.
  leave,
  /// KEYS: nodes. ARGV: the beginning of the names of leases. Returns name, entry, lease and the lease's ms of each.
  members,
  /// KEYS: posts. ARGV: the sender's incarnation and message, ms that it is kept, the number of messages that are.
  post,
  /// KEYS: posts. Returns all there are, and takes them off.
  take_posts,
  /// KEYS: nodes. ARGV: name, 1 or 0. Returns 1 if there is such a node.
  set_draining,
  /// KEYS: nodes, its lease, its set, its notices, those it was taking. ARGV: name, for how long notices are kept.
  /// Takes a node off. Returns 1, or 0 if it drives something, or its lease.
  forget,
  /// KEYS: drivers, the driver's set, our set, the driver's lease, our lease. ARGV: root, the driver's name, ours, our
  /// lease's value. Returns 1 if the root is ours, 0 if it is not the driver's, -1 if our lease is not, or the lease of
  /// the driver, who is alive.
  take_root,
  /// KEYS: drivers, our set, the other's set, our lease, nodes. ARGV: root, our name, the other's, our lease's value.
  /// Returns 1 if the root is the other's, 0 if it is not ours, or the other is not there or about to leave, -1 if our
  /// lease is not ours.
  give_root,
  /// KEYS: a value. ARGV: what it is expected to be, what it is to be, ms that it is kept. Returns nil, or else what it
  /// is.
  compare_and_set,
};

inline constexpr std::size_t redis_script_count = 21;

/// The names by which servers know the scripts; they are the same on all of them.
class redis_scripts {
 public:
  /// Makes the scripts known to a server and learns their names.
  explicit redis_scripts(redis_connection& first) { names_ = load(first); }
  /// Makes the scripts known to another server, or to one that may have forgotten them.
  static std::array<std::string, redis_script_count> load(redis_connection& c);
  const std::string& name(redis_script s) const { return names_[static_cast<std::size_t>(s)]; }

 private:
  std::array<std::string, redis_script_count> names_;
};

}  // namespace banyan::detail
