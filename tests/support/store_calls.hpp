#pragma once

#include <initializer_list>
#include <vector>

#include "persistence/store.hpp"

namespace banyan::test {

using what = detail::write::what;

/// Commits one batch and returns its outcomes.
inline std::vector<detail::write_outcome> commit_all(detail::store& s, const std::vector<detail::write>& writes) {
  std::vector<detail::write_outcome> outcomes(writes.size());
  s.commit(writes, outcomes);
  return outcomes;
}

inline detail::write_outcome commit_one(detail::store& s, detail::write w) {
  return commit_all(s, {std::move(w)}).front();
}

inline std::vector<detail::record> scan_all(detail::store& s, const family_id& family) {
  std::vector<detail::record> all;
  s.scan(family, [&](detail::record&& r) { all.push_back(std::move(r)); });
  return all;
}

inline detail::write spec_of(const key& k, bytes value) { return {what::spec, k.family, k.index, 0, std::move(value)}; }
inline detail::write result_of(const key& k, bytes value) {
  return {what::result, k.family, k.index, 0, std::move(value)};
}
inline detail::write gauge_of(const key& k, bytes value) {
  return {what::gauge, k.family, k.index, 0, std::move(value)};
}
inline detail::write state_of(const key& k, bytes value) {
  return {what::state, k.family, k.index, 0, std::move(value)};
}
inline detail::write attempt_of(const key& k, std::int64_t number, bytes value) {
  return {what::attempt, k.family, k.index, number, std::move(value)};
}
inline detail::write header_of(const family_id& family, bytes value) {
  return {what::header, family, 0, 0, std::move(value)};
}
inline detail::write drop_of(const family_id& family) { return {what::drop_family, family}; }
inline detail::write notice_of(const key& k) { return {what::notice, k.family, k.index}; }

}  // namespace banyan::test
