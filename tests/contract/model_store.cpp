#include "tests/contract/model_store.hpp"

#include <utility>

namespace banyan::test {

using detail::record;
using detail::root_entry;
using detail::write_outcome;
using what = detail::write::what;

write_outcome model_store::put_once(bytes& reg, const bytes& value) {
  if (!reg.empty()) return {false, reg};
  reg = value;
  return {};
}

write_outcome model_store::apply(const detail::write& w) {
  switch (w.kind) {
    case what::header: return put_once(families_[w.family].header, w.value);
    case what::drop_family: families_.erase(w.family); return {};
    case what::expire_family: return {};  // not as soon as that
    case what::claim_root:                // is not among the random writes
    case what::home: return {};
    case what::notice: notices_.insert({w.family, w.index}); return {};
    case what::add_root:
    case what::settle_root:
    case what::expire_root:
    case what::drop_root: apply_to_roots(w); return {};
    default: return apply_to_record(w);
  }
}

void model_store::apply_to_roots(const detail::write& w) {
  if (w.kind == what::add_root) roots_.try_emplace(w.family, root_entry{w.family, w.number, 0});
  if (w.kind == what::drop_root) roots_.erase(w.family);
  const auto at = roots_.find(w.family);
  if (at == roots_.end()) return;
  root_entry& root = at->second;
  if (w.kind == what::settle_root && root.settled == 0) root.settled = w.number;
  if (w.kind == what::expire_root && expires_ && root.settled != 0) root.ends = true;
}

write_outcome model_store::apply_to_record(const detail::write& w) {
  record& r = families_[w.family].records[w.index];
  r.index = w.index;
  if (w.kind == what::spec) return put_once(r.spec, w.value);
  if (w.kind == what::result) return put_once(r.result, w.value);
  if (w.kind == what::gauge) r.gauge = w.value;
  if (w.kind == what::state) r.state = w.value;
  if (w.kind != what::attempt) return {};
  const auto number = static_cast<std::size_t>(w.number);
  if (r.attempts.size() < number && !w.value.empty()) r.attempts.resize(number);
  return r.attempts.size() < number ? write_outcome{} : put_once(r.attempts[number - 1], w.value);
}

std::vector<record> model_store::scan(const family_id& family) const {
  std::vector<record> all;
  const auto found = families_.find(family);
  if (found == families_.end()) return all;
  for (const auto& [index, r] : found->second.records) {
    if (r != record{.index = index}) all.push_back(r);
  }
  return all;
}

std::optional<record> model_store::load(const key& k) const {
  for (record& r : scan(k.family)) {
    if (r.index == k.index) return std::move(r);
  }
  return std::nullopt;
}

bytes model_store::header(const family_id& family) const {
  const auto found = families_.find(family);
  return found == families_.end() ? bytes() : found->second.header;
}

std::vector<root_entry> model_store::roots(bool unsettled_only) const {
  std::vector<root_entry> all;
  for (const auto& [family, entry] : roots_) {
    if (!unsettled_only || entry.settled == 0) all.push_back(entry);
  }
  return all;
}

std::vector<key> model_store::take_notices() {
  const std::set<key> taken = std::exchange(notices_, {});
  return {taken.begin(), taken.end()};
}

}  // namespace banyan::test
