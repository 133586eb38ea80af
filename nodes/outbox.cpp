#include "nodes/outbox.hpp"

#include <algorithm>
#include <utility>

namespace banyan::detail {

bool outbox::add(const frame& f) {
  constexpr std::size_t small = 256;
  const bool first = waiting_.empty();
  if (!is_full()) {
    append_frame(waiting_, f);
    return first;
  }
  // The parent's node finds the value in the record, and the progress with the result.
  const auto* done = std::get_if<done_frame>(&f);
  if (done && done->result->value.size() > small) {
    append_frame(waiting_, recorded_frame{done->child, done->settled});
  } else if (!std::holds_alternative<progress_frame>(f)) {
    append_frame(waiting_, f);
  }
  return false;
}

bytes outbox::take() {
  if (on_the_way_ >= window) return {};
  on_the_way_ += waiting_.size();
  return std::exchange(waiting_, {});
}

void outbox::acknowledged(std::uint64_t size) { on_the_way_ -= std::min(on_the_way_, size); }

}  // namespace banyan::detail
