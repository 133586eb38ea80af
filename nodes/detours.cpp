#include "nodes/detours.hpp"

#include <utility>
#include <variant>

namespace banyan::detail {
namespace {

template <class... Frame>
bool is_one_of(const frame& f) {
  return (std::holds_alternative<Frame>(f) || ...);
}

}  // namespace

void detours::add(incarnation_id to, const frame& f) {
  if (is_one_of<place_frame, progress_frame, load_frame, want_frame, refuse_frame>(f)) return;
  // What wants nothing any more may want something again when that is read.
  const auto* wish = std::get_if<wish_frame>(&f);
  if (wish && !wish->waits) return;
  const auto* absent = std::get_if<absent_frame>(&f);
  if (absent && absent->round == 0) return;
  const std::lock_guard lock(mutex_);
  bytes& batch = batches_[to];
  if (batch.size() > most_waiting) return;
  if (const auto* done = std::get_if<done_frame>(&f)) {
    append_frame(batch, recorded_frame{done->child, done->settled});
  } else {
    append_frame(batch, f);
  }
}

std::unordered_map<incarnation_id, bytes> detours::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(batches_, {});
}

}  // namespace banyan::detail
