#pragma once

#include <map>
#include <string>
#include <vector>

#include "persistence/membership.hpp"

namespace banyan::detail {

class engine;

/// The place of `own` in the row of those who may take over a root: each root has its own row, so that what a lost node
/// drove is spread over all. 0: the first.
std::size_t place_in_row(const family_id& root, incarnation_id own, const std::vector<incarnation_id>& all);

/// Takes over the roots that nobody drives: those of nodes that are gone, and those that wait for any driver. Used by
/// one thread.
class succession {
 public:
  succession(engine& e, membership& members) : engine_(e), members_(members) {}

  /// Takes its share. `takers`: the nodes that do the same, with this one. Throws what the store throws.
  void look(const std::vector<member>& members, const std::vector<incarnation_id>& takers,
            const std::vector<std::string>& own_roles);
  /// Goes on with those that this node is to drive and does not.
  void look_at_own();

 private:
  void take_from(const std::string& name, const std::vector<incarnation_id>& takers,
                 const std::vector<std::string>& own_roles);
  bool is_for_us(const family_id& root, const std::vector<std::string>& own_roles);

  engine& engine_;
  membership& members_;
  /// How often we looked since roots of this name were first seen: who is next in the row has to wait.
  std::map<std::string, std::size_t> rounds_;
};

}  // namespace banyan::detail
