#include "persistence/signals.hpp"

#include <banyan/error.hpp>

#include "messages/clock.hpp"
#include "messages/family.hpp"

namespace banyan::detail {
bool takes_signals(const key& k, const record& found) {
  if (is_message(k.index) || decode_entry(found.spec).kind != entry_kind::call) {
    throw error(errc::invalid_argument, k.str() + " has no function that could receive a signal");
  }
  return found.result.empty();
}

key append_signal(store& s, const signal_record& signal, const commit_one& commit) {
  return append_message(s, child_family(signal.to, 1), first_signal_number, encode_signal(signal), commit);
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
