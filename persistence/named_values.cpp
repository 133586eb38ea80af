#include "persistence/named_values.hpp"

#include <algorithm>

namespace banyan::detail {

std::optional<bytes> named_values::compare_and_set(std::string_view name, const bytes& expected, const bytes& wanted,
                                                   std::chrono::milliseconds kept) {
  const std::lock_guard lock(mutex_);
  const auto now = clock::now();
  const auto it = values_.find(name);
  const bytes found = it != values_.end() && it->second.until > now ? it->second.what : bytes();
  if (found != expected && found != wanted) return found;
  if (wanted.empty()) {
    if (it != values_.end()) values_.erase(it);
  } else {
    values_.insert_or_assign(std::string(name), value{wanted, now + kept});
    if (values_.size() >= sweep_at_) sweep(now);
  }
  return std::nullopt;
}

void named_values::sweep(clock::time_point now) {
  constexpr std::size_t seldom = 64;
  std::erase_if(values_, [now](const auto& v) { return v.second.until <= now; });
  sweep_at_ = std::max(2 * values_.size(), seldom);
}

}  // namespace banyan::detail
