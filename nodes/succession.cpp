#include "nodes/succession.hpp"

#include <algorithm>
#include <limits>

#include "actors/engine.hpp"
#include "actors/function_registry.hpp"
#include "actors/given_functions.hpp"

namespace banyan::detail {
namespace {

constexpr std::size_t most_at_once = 1000;

std::uint64_t weight_of(const family_id& root, incarnation_id node) {
  // The finaliser of MurmurHash3: every bit of the input changes half of those of the output.
  std::uint64_t h = root.lo ^ (root.hi * 0x9E3779B97F4A7C15ull) ^ node;
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdull;
  h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53ull;
  return h ^ h >> 33;
}

}  // namespace

std::size_t place_in_row(const family_id& root, incarnation_id own, const std::vector<incarnation_id>& all) {
  const std::uint64_t mine = weight_of(root, own);
  return static_cast<std::size_t>(
      std::ranges::count_if(all, [&](incarnation_id other) { return weight_of(root, other) > mine; }));
}

void succession::look(const std::vector<member>& members, const std::vector<incarnation_id>& takers,
                      const std::vector<std::string>& own_roles) {
  std::map<std::string, std::size_t> rounds;
  const auto one_more = [&](const std::string& name) { rounds[name] = rounds_.contains(name) ? rounds_[name] + 1 : 0; };
  one_more("");
  for (const member& m : members) {
    if (!m.alive) one_more(m.name);
  }
  rounds_ = std::move(rounds);
  for (const auto& [name, round] : rounds_) take_from(name, takers, own_roles);
}

void succession::take_from(const std::string& name, const std::vector<incarnation_id>& takers,
                           const std::vector<std::string>& own_roles) {
  for (const family_id& root : members_.roots_of(name, most_at_once)) {
    if (engine_.stopping()) return;
    if (place_in_row(root, members_.incarnation(), takers) > rounds_[name]) continue;
    // What is still being given away here has its turn later.
    if (engine_.drives(root) || !is_for_us(root, own_roles) || !members_.take_root(root, name)) continue;
    engine_.take_over(root);
  }
}

void succession::look_at_own() {
  const std::string& own = engine_.config().name;
  for (const family_id& root : members_.roots_of(own, std::numeric_limits<std::size_t>::max())) {
    // It may have gone to another since.
    if (engine_.may_be_ours(root) && members_.take_root(root, own)) engine_.take_over(root);
  }
}

/// What this program does not know, or has no queue for, is left to those who do.
bool succession::is_for_us(const family_id& root, const std::vector<std::string>& own_roles) {
  const auto r = engine_.data().backend().load({root, 0});
  if (!r || r->spec.empty()) return true;
  try {
    const entry e = decode_entry(r->spec);
    if (!find_function(e.spec.called()) || !unknown_given(e.spec.function, e.spec.arguments).empty()) return false;
    if (!engine_.waiting_places().fits(e.spec.settings(), true)) return false;
    const placement& wanted = e.spec.settings().placement;
    if (wanted.how == placement::kind::on) return wanted.name.str() == engine_.config().name;
    return wanted.how != placement::kind::role || std::ranges::count(own_roles, wanted.name.str()) > 0;
  } catch (const error&) {
    // Who resumes it says what is wrong with it.
    return true;
  }
}

}  // namespace banyan::detail
