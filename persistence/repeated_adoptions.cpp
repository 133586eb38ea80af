#include "persistence/repeated_adoptions.hpp"

#include <set>

#include "persistence/signals.hpp"

namespace banyan::detail {
namespace {

/// Of who asked for it; of one whose request is not there any more a new one.
std::string id_of_request(store& s, const key& adopted) {
  const auto r = s.load({adopted.family, first_request_number + request_number(adopted)});
  return r && !r->spec.empty() ? decode_entry(r->spec).signal.id : random_sending();
}

}  // namespace

repeated_adoptions::repeated_adoptions(store& s, const key& parent) : store_(s), parent_(parent) {
  const family_id family = child_family(parent, 1);
  std::set<std::uint64_t> refused;
  s.scan(family, [&](record&& r) {
    if (is_request(r.index) && !r.spec.empty()) {
      const signal_record asked = decode_entry(r.spec).signal;
      standing_.emplace(asked.id, request{{family, r.index}, decode_entry(asked.value).spec});
      next_ = r.index + 1;
    } else if (is_adopted(r.index)) {
      const auto answer = read_answer(r);
      if (answer && !answer->adopted) refused.insert(request_number({family, r.index}));
    }
  });
  std::erase_if(standing_, [&](const auto& one) { return refused.contains(request_number(one.second.at)); });
}

key repeated_adoptions::repeat(const key& adopted, const spec_record& call, const commit_one& commit) {
  std::string id = id_of_request(store_, adopted);
  if (const auto there = standing_.find(id); there != standing_.end()) {
    if (is_same_call(there->second.call, call)) return answer_to(there->second.at);
    // Somebody has given this id to another call since.
    id = random_sending();
  }
  const bytes asked = encode_signal({parent_, "", id, encode_spec(call)});
  key at{child_family(parent_, 1), next_};
  // Others may ask at the same time.
  while (!commit({write::what::spec, at.family, at.index, 0, asked}).won) ++at.index;
  next_ = at.index + 1;
  standing_.emplace(std::move(id), request{at, call});
  return answer_to(at);
}

}  // namespace banyan::detail
