#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <banyan/key.hpp>

#include "persistence/store.hpp"

namespace banyan::detail {

/// One life of a runtime: a random number that no other has, and never 0. A process that is started again, or that
/// lost its lease and took it anew, is another incarnation of the same name.
using incarnation_id = std::uint64_t;

/// 16 hexadecimal digits.
std::string incarnation_text(incarnation_id id);
/// Nothing for what is no such text.
std::optional<incarnation_id> incarnation_in(std::string_view text);

/// A node as the store lists it.
struct member {
  std::string name;
  incarnation_id incarnation = 0;           ///< that announced itself last
  bytes about;                              ///< what it said of itself
  bool alive = false;                       ///< this incarnation holds its lease, and is not known to be dead
  std::chrono::milliseconds lease_left{0};  ///< by the store's clock; 0 if it is not alive
  bool draining = false;                    ///< an operator wants it to leave
};

/// What one incarnation left for another.
struct posted {
  incarnation_id from = 0;
  bytes message;
};

/// The nodes that share a store, and which roots each of them drives. Of stores that are shared. Thread-safe;
/// everything throws `error` as `store` does.
class membership {
 public:
  virtual ~membership() = default;

  /// Of this session; new each time the store is opened.
  virtual incarnation_id incarnation() const = 0;

  /// Lists this session as a node, or changes what it says of itself. An operator's wish that it leave is forgotten by
  /// the first call of a session.
  virtual void announce(const bytes& about) = 0;
  /// Takes it off the list. False, and it stays there, if it drives something: nobody else would look for that.
  virtual bool leave() = 0;
  /// All that are listed, by name.
  virtual std::vector<member> members() = 0;
  /// An operator's wish. False if there is no such member.
  virtual bool set_draining(std::string_view name, bool wanted) = 0;
  /// Takes a member off the list that is not alive and drives nothing. False if it is not so.
  virtual bool forget(std::string_view name) = 0;

  /// Leaves a message for an incarnation, for a minute; of many the latest are kept.
  virtual void post(incarnation_id to, const bytes& message) = 0;
  /// Takes what others have left for this session, the oldest first.
  virtual std::vector<posted> take_posts() = 0;

  /// Up to `most` of the unsettled roots that `name` drives, in no particular order; an empty name: those that wait for
  /// any driver. Notices for a name whose roots we took reach us too, for a minute.
  virtual std::vector<family_id> roots_of(std::string_view name, std::size_t most) = 0;
  /// Makes us the driver of a root that `from` drives, unless `from` is alive, or does not drive it any more. True if
  /// we are. In one step: of several who try, one succeeds.
  virtual bool take_root(const family_id& root, std::string_view from) = 0;
  /// Makes `to` the driver of a root that we drive; an empty name: whoever wants it. False if we do not drive it, or
  /// `to` is not listed, or is to leave.
  virtual bool give_root(const family_id& root, std::string_view to) = 0;
};

}  // namespace banyan::detail
