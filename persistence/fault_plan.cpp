#include "persistence/fault_plan.hpp"

#include <limits>

namespace banyan::detail {

fault_plan fault_plan::take(store_url& url) {
  constexpr auto any = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t longest_delay_ms = 60'000;
  fault_plan plan;
  plan.crash_before = url.take_number("crash_before", any).value_or(0);
  plan.crash_during = url.take_number("crash_during", any).value_or(0);
  plan.crash_after = url.take_number("crash_after", any).value_or(0);
  plan.fail = url.take_number("fail", any).value_or(0);
  plan.fail_from = url.take_number("fail_from", any).value_or(0);
  plan.lie = url.take_number("lie", any).value_or(0);
  plan.fail_rate = url.take_share("fail_rate").value_or(0);
  plan.lie_rate = url.take_share("lie_rate").value_or(0);
  plan.seed = url.take_number("seed", any).value_or(1);
  plan.delay = std::chrono::milliseconds(url.take_number("delay_ms", longest_delay_ms).value_or(0));
  return plan;
}

}  // namespace banyan::detail
