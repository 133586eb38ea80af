#include "persistence/server_clock.hpp"

#include "messages/clock.hpp"
#include "persistence/store.hpp"

namespace banyan::detail {
namespace {

std::chrono::milliseconds since_boot(boot_clock::time_point t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(t.time_since_epoch());
}

}  // namespace

void server_clock::measured(boot_clock::time_point asked, milliseconds server, boot_clock::time_point answered) {
  if (answered - asked > tolerance) return;
  const milliseconds now = server - since_boot(asked + (answered - asked) / 2);
  const auto before = base();
  if (!before || std::chrono::abs(now - *before) > tolerance) base_.store(now.count(), std::memory_order_relaxed);
}

std::optional<std::chrono::milliseconds> server_clock::base() const {
  const std::int64_t base = base_.load(std::memory_order_relaxed);
  return base == unknown ? std::nullopt : std::optional(milliseconds(base));
}

std::int64_t store::time() const {
  const auto base = clock_base();
  return base ? (*base + since_boot(boot_clock::now())).count() : now_ms();
}

}  // namespace banyan::detail
