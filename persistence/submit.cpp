#include "persistence/submit.hpp"

#include <string>
#include <vector>

#include <banyan/error.hpp>

#include "messages/family.hpp"

namespace banyan::detail {
namespace {

write_outcome carry_out(store& s, const std::vector<write>& writes) {
  std::vector<write_outcome> outcomes(writes.size());
  s.commit(writes, outcomes);
  return outcomes.front();
}

void expect_same_call(const bytes& existing, std::string_view function, const bytes& arguments, const std::string& id,
                      const key& k) {
  const spec_record there = decode_entry(existing).spec;
  if (there.function == function && there.arguments == arguments) return;
  throw error(errc::id_conflict, "the id '" + id + "' is taken by a call of " + there.function +
                                     (there.function == function ? " with other arguments" : "") + " (key " + k.str() +
                                     ")");
}

/// Of a shared store. A root that is new there may still have the place in the list of one that is forgotten.
void list(store& s, const write& spec, const write& listing, bool is_new) {
  if (!is_new) {
    carry_out(s, {listing});
    return;
  }
  // Met by its own record: where another program lists this root at this moment, the list follows the record.
  carry_out(s, {listing, spec});
  const auto listed = s.root(listing.family);
  if (listed && listed->settled != 0) carry_out(s, {{write::what::claim_root, listing.family, 0, listing.number, {}}});
}

}  // namespace

submitted submit_root(store& s, const options& opts, std::string_view function, const bytes& arguments, millis now) {
  const std::string id = opts.id;
  const key k{id.empty() ? random_family(now) : named_family(id), 0};
  options recorded = opts;
  recorded.id.clear();
  const write spec{write::what::spec, k.family, 0, 0, encode_call(function, arguments, now, 0, &recorded, nullptr)};
  const write listing{write::what::add_root, k.family, 0, now, {}};
  // A shared store would list it first, and a node takes a root without a record off the list. Who dies in between has
  // not acknowledged it; the same id finds the record and lists it.
  const bool in_two = s.shared();
  const write_outcome outcome = carry_out(
      s, in_two ? std::vector{spec} : std::vector{spec, listing, write{write::what::notice, k.family, 0, 0, {}}});
  if (!outcome.won) expect_same_call(outcome.existing, function, arguments, id, k);
  if (in_two) list(s, spec, listing, outcome.won);
  return {k, !outcome.won};
}

}  // namespace banyan::detail
