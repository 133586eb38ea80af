#include "persistence/adoption.hpp"

#include "messages/family.hpp"
#include "persistence/signals.hpp"

namespace banyan::detail {
namespace {

/// Ids that callers give are none of those that are made here.
constexpr std::string_view id_mark = "id ";

bool was_refused(store& s, const key& request) {
  const auto r = s.load(answer_to(request));
  if (!r || r->spec.empty()) return false;
  const auto answer = read_answer(*r);
  return answer && !answer->adopted;
}

/// The request with this id that stands, as far as the log goes now.
std::optional<adoption_request> find_request(store& s, const family_id& family, const std::string& id,
                                             const spec_record& call) {
  for (key at{family, first_request_number};; ++at.index) {
    const auto r = s.load(at);
    if (!r || r->spec.empty()) return std::nullopt;
    signal_record request = decode_entry(r->spec).signal;
    if (request.id != id || was_refused(s, at)) continue;
    const spec_record there = decode_entry(request.value).spec;
    if (is_same_call(there, call)) {
      return adoption_request{at, std::move(request.value)};
    }
    throw error(errc::id_conflict, "the id '" + id.substr(id_mark.size()) + "' is taken by a call of " +
                                       there.function +
                                       (there.function == call.function ? " with other arguments" : "") + " (key " +
                                       answer_to(at).str() + ")");
  }
}

}  // namespace

bool is_same_call(const spec_record& a, const spec_record& b) {
  return a.function == b.function && a.arguments == b.arguments;
}

key answer_to(const key& request) { return {request.family, first_adopted_number + request_number(request)}; }

std::uint64_t request_number(const key& at) {
  return at.index - (is_adopted(at.index) ? first_adopted_number : first_request_number);
}

adoption_request request_adoption(store& s, const key& parent, const std::string& id, const bytes& call,
                                  const commit_one& commit) {
  const family_id family = child_family(parent, 1);
  const signal_record request{parent, "", id.empty() ? random_sending() : std::string(id_mark) + id, call};
  const bytes encoded = encode_signal(request);
  if (id.empty()) return {append_message(s, family, first_request_number, encoded, commit), call};
  const spec_record wanted = decode_entry(call).spec;
  for (;;) {
    if (auto there = find_request(s, family, request.id, wanted)) return std::move(*there);
    // Somebody else may ask for the same at this moment: the first of two with one id is the one.
    append_message(s, family, first_request_number, encoded, commit);
  }
}

std::optional<key> find_adopted(store& s, const key& parent, const std::string& id, const bytes& call) {
  if (id.empty()) return std::nullopt;
  const auto there = find_request(s, child_family(parent, 1), std::string(id_mark) + id, decode_entry(call).spec);
  if (!there || is_free(s, answer_to(there->at))) return std::nullopt;
  return answer_to(there->at);
}

std::optional<adoption_answer> read_answer(const record& r) {
  if (r.spec.empty()) return std::nullopt;
  const entry e = decode_entry(r.spec);
  if (e.kind == entry_kind::step) return adoption_answer{false, decode_error(e.step.answer)};
  return adoption_answer{true, {}};
}

write refusal_of(const key& request, const error_info& why) {
  const key at = answer_to(request);
  return {write::what::spec, at.family, at.index, 0, encode_step({step_kind::refused, "", encode_error(why)})};
}

void check_adopts(const key& k, const record& found) {
  if (is_message(k.index) || decode_entry(found.spec).kind != entry_kind::call) {
    throw error(errc::invalid_argument, k.str() + " has no function: it cannot adopt a child");
  }
}

error_info too_late(const key& k) {
  return {errc::invalid_argument, k.str() + " has its result already: it adopts no child any more", {}, {}};
}

}  // namespace banyan::detail
