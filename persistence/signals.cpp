#include "persistence/signals.hpp"

#include <banyan/error.hpp>

#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {
namespace {

bool is_free(store& s, const family_id& family, std::uint64_t number) {
  const auto r = s.load({family, number});
  return !r || r->spec.empty();
}

/// The signals are numbered without gaps: between one that is there and one that is not lies their end.
std::uint64_t end_of_signals(store& s, const family_id& family) {
  std::uint64_t there = 0;  // so many at least
  std::uint64_t beyond = 1;
  while (!is_free(s, family, first_signal_number + beyond - 1)) {
    there = beyond;
    beyond *= 2;
  }
  // The signal `beyond` is not there.
  while (beyond - there > 1) {
    const std::uint64_t middle = there + (beyond - there) / 2;
    (is_free(s, family, first_signal_number + middle - 1) ? beyond : there) = middle;
  }
  return first_signal_number + there;
}

}  // namespace

bool takes_signals(const key& k, const record& found) {
  if (is_of_no_attempt(k.index) || decode_entry(found.spec).kind != entry_kind::call) {
    throw error(errc::invalid_argument, k.str() + " has no function that could receive a signal");
  }
  return found.result.empty();
}

key append_signal(store& s, const signal_record& signal, const commit_one& commit) {
  const family_id family = child_family(signal.to, 1);
  const bytes encoded = encode_signal(signal);
  for (key at{family, end_of_signals(s, family)};; ++at.index) {
    const write_outcome o = commit({write::what::spec, family, at.index, 0, encoded});
    // One that was written before its answer was lost is met again.
    if (o.won || o.existing == encoded) return at;
  }
}

std::string random_sending() {
  // As unlikely to be made twice as a root's key.
  return key{random_family(now_ms()), 0}.str();
}

key published_by(const key& k) { return {child_family(k, 1), published_number}; }

std::optional<key> send_from_outside(store& s, const signal_record& signal) {
  const auto found = s.load(signal.to);
  if (!found) throw error(errc::not_found, "no future " + signal.to.str() + " in " + s.describe());
  if (!takes_signals(signal.to, *found)) return std::nullopt;
  const auto commit = [&s](const write& w) {
    write_outcome o;
    s.commit({&w, 1}, {&o, 1});
    return o;
  };
  const key at = append_signal(s, signal, commit);
  commit({write::what::notice, at.family, at.index, 0, {}});
  return at;
}

}  // namespace banyan::detail
