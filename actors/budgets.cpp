#include "actors/budgets.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace banyan::detail {
namespace {

/// Mixes all bits (splitmix64).
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

bool limits_count(const budget& b) { return b.descendants != budget::unlimited || b.bytes != budget::unlimited; }

}  // namespace

/// A budget and what there is below its future.
struct budgets::account {
  budget limits;
  key owner;
  std::uint32_t level;
  std::mutex mutex;  ///< of the outermost: guards all
  /// The bytes of the arguments at each place: of the largest, where another attempt has made another call.
  std::unordered_map<std::uint64_t, std::size_t> there;
  std::int64_t bytes = 0;

  std::int64_t more_bytes(std::uint64_t place, std::size_t size) const {
    const auto it = there.find(place);
    const std::size_t before = it == there.end() ? 0 : it->second;
    return static_cast<std::int64_t>(std::max(size, before) - before);
  }

  std::optional<std::string> refuses(std::uint64_t place, std::size_t size, std::uint32_t child_level) const {
    const auto deny = [this](const std::string& what, std::int64_t limit, const char* unit) {
      return what + " below " + owner.str() + ", whose budget is " + std::to_string(limit) + unit;
    };
    const std::int64_t depth = child_level - level;
    if (depth > limits.depth) return deny("this would be level " + std::to_string(depth), limits.depth, " levels");
    if (!there.contains(place) && static_cast<std::int64_t>(there.size()) >= limits.descendants) {
      return deny("this would be future " + std::to_string(there.size() + 1), limits.descendants, " descendants");
    }
    const std::int64_t sum = bytes + more_bytes(place, size);
    if (sum > limits.bytes && sum > bytes) {
      return deny("with this there would be " + std::to_string(sum) + " bytes of arguments", limits.bytes, " bytes");
    }
    return std::nullopt;
  }

  void add(std::uint64_t place, std::size_t size) {
    if (!limits_count(limits)) return;
    bytes += more_bytes(place, size);
    std::size_t& there_now = there[place];
    there_now = std::max(there_now, size);
  }

  void remove(std::uint64_t place) {
    const auto it = there.find(place);
    if (it == there.end()) return;
    bytes -= static_cast<std::int64_t>(it->second);
    there.erase(it);
  }
};

budgets::~budgets() = default;

std::unique_ptr<const budgets> budgets::of(const budget& own, const key& self, std::uint32_t level,
                                           const budgets* above, std::uint64_t slot) {
  if (!above && !own.limits()) return nullptr;
  std::unique_ptr<budgets> b(new budgets);
  b->level_ = level;
  if (above) {
    b->above_ = above->innermost();
    b->place_ = above->place_of_child(slot);
  }
  if (own.limits()) b->own_.reset(new account{own, self, level, {}, {}, 0});
  return b;
}

std::uint64_t budgets::slot_of(std::uint32_t attempt, std::uint64_t number) { return attempt == 0 ? ~number : number; }

std::uint64_t budgets::place_below(std::uint64_t place, std::uint64_t slot) { return mixed(mixed(place) ^ slot); }

std::mutex& budgets::lock_of_all() const {
  const budgets* outermost = innermost();
  while (outermost->above_) outermost = outermost->above_;
  return outermost->own_->mutex;
}

std::optional<error_info> budgets::take(std::uint64_t slot, std::size_t bytes) const {
  const std::uint64_t place = place_of_child(slot);
  const std::lock_guard lock(lock_of_all());
  for (const budgets* b = innermost(); b; b = b->above_) {
    if (auto why = b->own_->refuses(place, bytes, level_ + 1)) {
      return error_info{errc::budget_exceeded, std::move(*why), {}, {}};
    }
  }
  for (const budgets* b = innermost(); b; b = b->above_) b->own_->add(place, bytes);
  return std::nullopt;
}

void budgets::count_at(std::uint64_t place, std::size_t bytes) const {
  const std::lock_guard lock(lock_of_all());
  for (const budgets* b = innermost(); b; b = b->above_) b->own_->add(place, bytes);
}

void budgets::give_back(std::uint64_t slot) const {
  const std::uint64_t place = place_of_child(slot);
  const std::lock_guard lock(lock_of_all());
  for (const budgets* b = innermost(); b; b = b->above_) b->own_->remove(place);
}

bool budgets::counts() const { return own_ && limits_count(own_->limits); }

bool budgets::counted_above() const {
  for (const budgets* b = above_; b; b = b->above_) {
    if (b->counts()) return true;
  }
  return false;
}

}  // namespace banyan::detail
