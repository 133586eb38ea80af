#include "actors/engine.hpp"
#include "actors/future_cell.hpp"
#include "messages/family.hpp"
#include "persistence/repeated_adoptions.hpp"

/// What the futures that this one replaces had adopted is adopted by it, too: nobody would ask for it again. What
/// succeeded there is taken over, the rest is replaced in turn.
namespace banyan::detail {

/// Before it is open to others, who may ask for the same.
void future_cell::inherit_adopted() {
  if (!rare_ || rare_->inheritance.empty()) return;
  const auto all = std::exchange(rare_->inheritance, {});
  repeated_adoptions requests(engine_.data().store_of(life_->durable), life_->self);
  write_header(child_family(life_->self, 1), 1);
  for (const auto& [where, adopted] : all) {
    try {
      inherit(requests, where, adopted);
    } catch (const error& e) {
      if (e.code() != errc::corrupt_record) throw;
      engine_.log(log_level::error, where.str() + " is not taken over: " + e.message());
    }
  }
}

void future_cell::inherit(repeated_adoptions& requests, const key& where, const record& adopted) {
  entry e = decode_entry(adopted.spec);
  if (e.kind != entry_kind::call) return;
  std::optional<result_record> result;
  if (!adopted.result.empty()) result = decode_result(adopted.result);
  const bool success = result && result->outcome == status::success;
  if (!success) {
    const millis now = engine_.now_ms();
    e.spec.replaces = predecessor(where, std::nullopt);
    e.spec.created = now;
    if (e.spec.start_at <= now) e.spec.start_at = 0;
  }
  record taken;
  taken.spec = encode_spec(e.spec);
  journal& j = engine_.data().journal_of(life_->durable);
  const key child = requests.repeat(where, e.spec, [&](const write& w) { return j.commit({w}, store_patience); });
  taken.index = child.index;
  // An earlier run has come as far.
  if (rare_->adopted.find(child.index - first_adopted_number)) return;
  std::vector<write> group;
  if (success) {
    result->settled = true;
    taken.result = encode_result(*result);
    group.push_back({write::what::result, child.family, child.index, 0, taken.result});
  }
  group.push_back({write::what::spec, child.family, child.index, 0, taken.spec});
  const write_outcome o = j.commit(std::move(group), store_patience);
  // Who had asked for the same meanwhile may have taken it back.
  if (!o.won && o.existing != taken.spec) return;
  if (life_->budget) life_->budget->count(child.index, e.spec.arguments.size());
  resume_adopted(std::move(taken));
}

}  // namespace banyan::detail
