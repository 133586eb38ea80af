#include "actors/handler_plan.hpp"

#include <utility>

namespace banyan::detail {

template <class Due>
std::vector<std::size_t> handler_plan::select(Due due) const {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (due(all_[i].event)) numbers.push_back(i);
  }
  return numbers;
}

std::vector<std::size_t> handler_plan::after_children(bool all_succeeded, std::optional<status> result) {
  children_told_ = true;
  const bool success = all_succeeded && result.value_or(status::success) == status::success;
  return select([success](handler_event e) {
    return e == handler_event::all_children_settled || (success && e == handler_event::all_children_success);
  });
}

std::vector<std::size_t> handler_plan::after_result(status result) {
  result_told_ = true;
  const handler_event wanted = result == status::success ? handler_event::success : handler_event::failure;
  return select([wanted](handler_event e) { return e == wanted || e == handler_event::progress; });
}

bool handler_plan::close() { return !children_told_ || !result_told_ ? false : !std::exchange(closed_, true); }

}  // namespace banyan::detail
