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

/// What makes a root.
struct root_writes {
  root_writes(const key& k, bytes encoded, millis now)
      : spec{write::what::spec, k.family, 0, 0, std::move(encoded)},
        listing{write::what::add_root, k.family, 0, now, {}},
        notice{write::what::notice, k.family, 0, 0, {}} {}
  write spec;
  write listing;
  write notice;
};

/// Returns what became of the spec.
write_outcome write_root(store& s, const root_writes& root) {
  // A shared store would list it first, and a node takes a root without a record off the list. Who dies in between has
  // not acknowledged it; the same id finds the record and lists it.
  if (s.shared()) return carry_out(s, {root.spec});
  return carry_out(s, {root.spec, root.listing, root.notice});
}

/// Of a shared store. A root that is new there may still have the place in the list of one that is forgotten.
void list_root(store& s, const root_writes& root, bool is_new) {
  if (!s.shared()) return;
  if (!is_new) {
    carry_out(s, {root.listing});
    return;
  }
  // Met by its own record: where another program lists this root at this moment, the list follows the record.
  carry_out(s, {root.listing, root.spec});
  const family_id& family = root.listing.family;
  const auto listed = s.root(family);
  if (listed && listed->settled != 0) carry_out(s, {{write::what::claim_root, family, 0, root.listing.number, {}}});
}

}  // namespace

submitted submit_root(store& s, const options& opts, std::string_view function, const bytes& arguments, millis now) {
  const std::string id = opts.id;
  const key k{id.empty() ? random_family(now) : named_family(id), 0};
  options recorded = opts;
  recorded.id.clear();
  const root_writes root(k, encode_call({function, any_version}, arguments, now, 0, &recorded, nullptr), now);
  const write_outcome outcome = write_root(s, root);
  if (!outcome.won) expect_same_call(outcome.existing, function, arguments, id, k);
  list_root(s, root, outcome.won);
  return {k, !outcome.won};
}

key submit_again(store& s, spec_record call, millis now) {
  const key k{random_family(now), 0};
  call.created = now;
  const root_writes root(k, encode_spec(call), now);
  write_root(s, root);
  list_root(s, root, true);
  return k;
}

}  // namespace banyan::detail
