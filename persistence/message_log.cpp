#include "persistence/message_log.hpp"

namespace banyan::detail {
namespace {

/// Between a number that is taken and one that is not lies the end.
std::uint64_t end_of_log(store& s, const family_id& family, std::uint64_t first) {
  std::uint64_t there = 0;  // so many at least
  std::uint64_t beyond = 1;
  while (!is_free(s, {family, first + beyond - 1})) {
    there = beyond;
    beyond *= 2;
  }
  // The message `beyond` is not there.
  while (beyond - there > 1) {
    const std::uint64_t middle = there + (beyond - there) / 2;
    (is_free(s, {family, first + middle - 1}) ? beyond : there) = middle;
  }
  return first + there;
}

}  // namespace

bool is_free(store& s, const key& at) {
  const auto r = s.load(at);
  return !r || r->spec.empty();
}

key append_message(store& s, const family_id& family, std::uint64_t first, const bytes& message,
                   const commit_one& commit) {
  for (key at{family, end_of_log(s, family, first)};; ++at.index) {
    const write_outcome o = commit({write::what::spec, family, at.index, 0, message});
    // One that was written before its answer was lost is met again.
    if (o.won || o.existing == message) return at;
  }
}

}  // namespace banyan::detail
