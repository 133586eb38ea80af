#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <banyan/options.hpp>

#include "messages/frames.hpp"
#include "messages/record.hpp"
#include "persistence/membership.hpp"

namespace banyan::detail {

/// What a node has to have for a call.
struct call_needs {
  function_ref function;
  std::vector<std::string> given{};  ///< functions that it is given to call, of any version
  std::string_view queue{};
};

/// The other nodes of the cluster, as the futures of this one see them. Thread-safe; but for `find_out` nothing here
/// blocks or throws.
class neighbours {
 public:
  virtual ~neighbours() = default;

  /// This node.
  virtual incarnation_id self() const = 0;
  /// Where a future is to run: `self` or another node; 0: there is none for it now.
  virtual incarnation_id choose(const placement& how, const call_needs& needs) = 0;
  /// True if a node would run such a future.
  virtual bool may_run(incarnation_id node, const placement& how, const call_needs& needs) = 0;
  /// Makes another node the driver of a root that this one drives; 0: whoever fits. False if it cannot be.
  virtual bool give_root(const family_id& root, incarnation_id to) = 0;
  /// False if a node is not known, or is known to be gone: it left, or its lease ran out.
  virtual bool exists(incarnation_id node) const = 0;
  /// As `exists`, but looks into the store where it is not known. Throws what the store throws.
  virtual bool find_out(incarnation_id node) = 0;
  virtual bool is_connected(incarnation_id node) const = 0;
  /// To a node, in order. Lost where there is no connection, but for what a detour by the store takes; it may come
  /// late. `exchange::connected` is called when there is a connection again.
  virtual void send(incarnation_id to, const frame& f) = 0;
  /// The other nodes that live, connected or not.
  virtual std::vector<incarnation_id> living() const = 0;
  /// Another node says that this one drives a root now. It does if the store says so too.
  virtual void root_given(const family_id& root) = 0;
};

}  // namespace banyan::detail
