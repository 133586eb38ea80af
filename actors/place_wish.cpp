#include "actors/place_wish.hpp"

#include <algorithm>

#include "actors/exchange.hpp"

namespace banyan::detail {
namespace {

/// Calls `here(life)` for all above that are of the queue, and `far(parent, guest)` where the way goes on elsewhere.
/// All of them: one that is given its place back meanwhile waits for one that has lent it further down.
template <class Here, class Far>
void climb(life* parent, key waits, const std::string& queue, Here here, Far far) {
  for (life* above = parent; above; waits = above->self, above = above->parent.get()) {
    if (above->far) {
      if (std::ranges::count(above->far->queues, queue) > 0) far(*above, waits.index);
    } else if (above->queue == queue) {
      here(*above);
    }
  }
}

}  // namespace

wish_ptr place_wish::of(exchange* others, life_ptr parent, const key& waits, const std::string& queue,
                        std::vector<place_ptr>& offered) {
  bool any = false;
  const auto here = [&](life& above) {
    any = true;
    if (place_ptr place = above.begin_wish()) offered.push_back(std::move(place));
  };
  const auto far = [&](life& above, std::uint64_t guest) {
    any = true;
    others->begin_wish(above, guest, queue);
  };
  climb(parent.get(), waits, queue, here, far);
  return any ? wish_ptr(new place_wish(others, std::move(parent), waits, queue)) : nullptr;
}

place_wish::~place_wish() {
  const auto far = [this](life& above, std::uint64_t guest) { others_->end_wish(above, guest, queue_); };
  climb(
      parent_.get(), waits_, queue_, [](life& above) { above.end_wish(); }, far);
}

bool is_inside(const life* parent, const std::string& section) {
  for (const life* above = parent; above; above = above->parent.get()) {
    if (above->queue == section && above->in_queue.load()) return true;
  }
  return false;
}

}  // namespace banyan::detail
